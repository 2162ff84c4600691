using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace ReactorJobs.Hosting.Database;

/// <summary>
/// A service's own schema. Everything happens in a transaction that names the orgs it is for; row-level security hides every other
/// org's rows, whatever a statement asks for.
/// </summary>
public sealed class ServiceDatabase(DatabaseOptions options, string schema, int maxConnections = 20) : IAsyncDisposable
{
    readonly NpgsqlDataSource service = NpgsqlDataSource.Create(options.ConnectionFor(DatabaseOptions.ServiceRole(schema), schema, maxConnections));
    readonly NpgsqlDataSource sweep = NpgsqlDataSource.Create(options.ConnectionFor(DatabaseOptions.SweepRole(schema), schema, 5));

    public const string Begin = "begin";
    public const string Commit = "commit";
    public const string SetOrgs = "select set_config('app.orgs', $1::text[]::text, true)";

    public ValueTask<NpgsqlConnection> Open(CancellationToken stop = default) => service.OpenConnectionAsync(stop);

    /// <summary>A connection that sees every org and may change nothing: for reconcilers, which then act in the name of the org they found.</summary>
    public ValueTask<NpgsqlConnection> OpenSweep(CancellationToken stop = default) => sweep.OpenConnectionAsync(stop);

    /// <summary>Runs statements for one org in a transaction of their own.</summary>
    public async Task<T> InOrg<T>(string orgId, Func<NpgsqlConnection, Task<T>> work, CancellationToken stop = default)
    {
        await using var connection = await Open(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await Scope(connection, orgId, stop);
        var result = await work(connection);
        await transaction.CommitAsync(stop);
        return result;
    }

    /// <summary>Runs queries of the mapped model for one org.</summary>
    public Task<T> Read<TDb, T>(string orgId, Func<DbContextOptions<TDb>, TDb> create, Func<TDb, Task<T>> query, CancellationToken stop = default)
        where TDb : DbContext =>
        InOrg(orgId, async connection =>
        {
            var builder = new DbContextOptionsBuilder<TDb>();
            builder.UseServiceSchema(connection, schema);
            await using var db = create(builder.Options);
            db.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never; // it is in one already
            return await query(db);
        }, stop);

    /// <summary>Ends a transaction that a statement began: the pool does not know of it, and would hand it to the next user.</summary>
    public static async Task RollBack(NpgsqlConnection connection)
    {
        try
        {
            await using var command = new NpgsqlCommand("rollback", connection);
            await command.ExecuteNonQueryAsync();
        }
        catch (Exception)
        {
            // The connection is broken, and the server ends the transaction with it.
        }
    }

    static async Task Scope(NpgsqlConnection connection, string orgId, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(SetOrgs, connection) { Parameters = { OrgsParameter([orgId]) } };
        await command.ExecuteNonQueryAsync(stop);
    }

    public static NpgsqlParameter OrgsParameter(string[] orgs) => new() { Value = orgs, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        await sweep.DisposeAsync();
    }
}
