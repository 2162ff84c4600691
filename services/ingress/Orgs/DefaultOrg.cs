using Npgsql;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Ingress.Orgs;

/// <summary>The org that a path need not name (semantics 21): that of the setting, or else the one that was made first.</summary>
public sealed class DefaultOrg(ServiceDatabase database, IngressOptions options)
{
    // Once there is a first org, it stays the first.
    volatile string? known = options.DefaultOrg;

    /// <summary>Null while there is no org at all.</summary>
    public async ValueTask<string?> Get(CancellationToken stop) => known ??= await database.Look(async connection =>
    {
        await using var command = new NpgsqlCommand("select id from org order by created_at, id limit 1", connection);
        return (string?)await command.ExecuteScalarAsync(stop);
    });
}
