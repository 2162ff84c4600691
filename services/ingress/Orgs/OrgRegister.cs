using System.Text.RegularExpressions;
using Npgsql;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Ingress.Tokens;

namespace ReactorJobs.Ingress.Orgs;

/// <summary>The orgs of the installation.</summary>
public sealed partial class OrgRegister(ServiceDatabase database, ServiceTokens tokens, TimeProvider time)
{
    const string TokenName = "embedded";

    /// <summary>
    /// Creates the org if it is missing and gives a token that opens it: the one given, registered if need be, or a new one when none is
    /// given or the given one was revoked.
    /// </summary>
    public async Task<string> EnsureOrgWithToken(string orgId, string? existingToken, CancellationToken stop = default)
    {
        if (!OrgId().IsMatch(orgId))
            throw new ArgumentException($"\"{orgId}\" is not an org: 1 to 63 of a-z, 0-9, - and _, of which the first is a letter or digit.", nameof(orgId));
        await Ensure(orgId, stop);
        if (!string.IsNullOrEmpty(existingToken) && await tokens.Register(orgId, TokenName, existingToken, stop))
            return existingToken;
        return (await tokens.Create(orgId, TokenName, stop)).Token;
    }

    /// <summary>All of them, for services that act in the name of each.</summary>
    public async Task<IReadOnlyList<string>> All(CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand("select id from org order by id", connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var orgs = new List<string>();
        while (await reader.ReadAsync(stop))
            orgs.Add(reader.GetString(0));
        return orgs;
    }

    Task<int> Ensure(string orgId, CancellationToken stop) =>
        database.InOrg(orgId, async connection =>
        {
            await using var command = new NpgsqlCommand("insert into org (id, name, created_at) values ($1, $1, $2) on conflict (id) do nothing", connection)
            {
                Parameters = { new() { Value = orgId }, new() { Value = time.GetUtcNow() } },
            };
            return await command.ExecuteNonQueryAsync(stop);
        }, stop);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9_-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex OrgId();
}
