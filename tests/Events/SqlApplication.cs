using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Sql;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Tests.Events;

/// <summary>An application beside the suite, in the same database: a role of its own, a table of its own, and the functions that it may call.</summary>
public sealed class SqlApplication(PostgresServer server) : IAsyncDisposable
{
    readonly List<OutboxMessage> published = [];

    public EventsDatabase Events { get; } = new(server);

    public string Role => "shop_of_" + Events.Options.Database;

    /// <summary>What the scheduler was told to start, in the order of the messages.</summary>
    public IReadOnlyList<RunStart> Started
    {
        get
        {
            lock (published)
                return [.. published.SelectMany(Emitted.StartsOf)];
        }
    }

    public async Task Create(string? org = "acme")
    {
        await Events.Create();
        await AsOwner($"create role {Role} login; create table parcel (id int primary key); grant insert, select on parcel to {Role}");
        if (org is not null)
            await AsOwner($"select reactor_jobs.grant_org('{Role}', '{org}')");
    }

    /// <summary>As a process of the service has it.</summary>
    public SqlIntake Process() => new(Events.Database, new Outbox(Publish, NullLogger.Instance), Events.Ids, TimeProvider.System, NullLogger<SqlIntake>.Instance);

    public async Task TakeUp()
    {
        await using var intake = Process();
        while (await intake.TakeUp())
        {
        }
    }

    public async Task<NpgsqlConnection> Open(string? role = null)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Events.Options.AdminConnection)
        {
            Database = Events.Options.Database,
            Username = role ?? Role,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async Task AsOwner(string sql)
    {
        await using var admin = Events.Options.ConnectAdmin(Events.Options.Database);
        await admin.OpenAsync();
        await Sql.Execute(admin, sql);
    }

    /// <summary>One statement of the application's, committed.</summary>
    public async Task<string> Call(string sql, string? role = null)
    {
        await using var connection = await Open(role);
        return (string)(await Sql.Scalar(connection, sql))!;
    }

    public async Task<PostgresException> Refused(string sql, string? role = null)
    {
        await using var connection = await Open(role);
        return await Assert.ThrowsAsync<PostgresException>(() => Sql.Scalar(connection, sql));
    }

    Task Publish(OutboxMessage message)
    {
        lock (published)
            published.Add(message);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => Events.DisposeAsync();
}

/// <summary>SQL as it is typed.</summary>
static class Sql
{
    public static async Task<object?> Scalar(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
