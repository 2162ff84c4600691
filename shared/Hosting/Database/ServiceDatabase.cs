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
    static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(1);

    readonly NpgsqlDataSource service = options.Connect(DatabaseOptions.ServiceRole(schema), schema, maxConnections);
    readonly NpgsqlDataSource sweep = options.Connect(DatabaseOptions.SweepRole(schema), schema, 5);
    readonly Lock gate = new();
    Task<bool> asking = Task.FromResult(false);

    public const string Begin = "begin";
    public const string Commit = "commit";
    public const string SetOrgs = "select set_config('app.orgs', $1::text[]::text, true)";

    public ValueTask<NpgsqlConnection> Open(CancellationToken stop = default) => service.OpenConnectionAsync(stop);

    /// <summary>A connection that sees every org and may change nothing: for reconcilers, which then act in the name of the org they found.</summary>
    public ValueTask<NpgsqlConnection> OpenSweep(CancellationToken stop = default) => sweep.OpenConnectionAsync(stop);

    /// <summary>For a group's transaction, whose items are told when it takes too long, whatever the reason.</summary>
    public BoundedConnection ForGroup() => new(service) { Patience = GroupPatience };

    /// <summary>What a group waits for an answer of the server.</summary>
    public TimeSpan GroupPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Runs statements for one org in a transaction of their own, for a caller who waits.</summary>
    public async Task<T> InOrg<T>(string orgId, Func<NpgsqlConnection, Task<T>> work, CancellationToken stop = default)
    {
        await using var connection = new BoundedConnection(service);
        var result = await connection.Do(async open =>
        {
            await BeginFor(open, orgId, stop);
            return await work(open);
        }, Answers, mayRepeat: true);
        await connection.Finish(async open =>
        {
            await using var commit = new NpgsqlCommand(Commit, open);
            await commit.ExecuteNonQueryAsync(CancellationToken.None); // on its way, it is not to be called back
        });
        return result;
    }

    /// <summary>Reads what may be any org's, for a caller who waits.</summary>
    public async Task<T> Look<T>(Func<NpgsqlConnection, Task<T>> read)
    {
        await using var connection = new BoundedConnection(sweep);
        return await connection.Finish(read, Answers, mayRepeat: true);
    }

    /// <summary>Whether the server answers anything within a second. One question serves everybody who asks meanwhile.</summary>
    public Task<bool> Answers()
    {
        lock (gate)
            return asking.IsCompleted ? asking = Task.Run(Ask) : asking;
    }

    async Task<bool> Ask()
    {
        try
        {
            await using var connection = new BoundedConnection(sweep) { Patience = AnswerPatience };
            await connection.Finish(async open =>
            {
                await using var command = new NpgsqlCommand("select 1", open);
                await command.ExecuteScalarAsync();
            });
            return true;
        }
        catch (Exception)
        {
            // Why is the matter of whoever has asked for more than an answer.
            return false;
        }
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

    static async Task BeginFor(NpgsqlConnection connection, string orgId, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(Begin), new(SetOrgs) { Parameters = { OrgsParameter([orgId]) } } } };
        await batch.ExecuteNonQueryAsync(stop);
    }

    public static NpgsqlParameter OrgsParameter(string[] orgs) => new() { Value = orgs, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        await sweep.DisposeAsync();
    }
}
