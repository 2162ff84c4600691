using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events;
using ReactorJobs.Events.CatchUps;
using ReactorJobs.Events.Routing;
using ReactorJobs.Events.Schema;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Events;

/// <summary>The events service's store on a database of its own, with a bus that takes or refuses what it is told to.</summary>
public sealed class EventsDatabase(PostgresServer server) : IAsyncDisposable
{
    readonly List<RunStart> started = [];

    public ManualTime Time { get; } = new();

    public DatabaseOptions Options { get; } = server.NewDatabase();

    public ServiceDatabase Database { get; private set; } = null!;

    public PostgresEventStore Store { get; private set; } = null!;

    public IdSource Ids { get; private set; } = null!;

    /// <summary>The broker's answer; null confirms.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>What the scheduler was told to start, in the order of the messages.</summary>
    public IReadOnlyList<RunStart> Started
    {
        get
        {
            lock (started)
                return [.. started];
        }
    }

    public async Task Create()
    {
        await DatabaseSetup.CreateDatabase(Options, default);
        await new EventsModule().Migrate(Options, default);
        Database = new(Options, EventsDb.Name);
        Store = new(Database);
        Ids = new(Time);
    }

    /// <summary>As a process of the service has it, which knows of what it has sent itself only.</summary>
    public (EventCatchUps CatchUps, Outbox Outbox) Process()
    {
        var outbox = new Outbox(message =>
        {
            if (Refusal is not null)
                return Task.FromException(Refusal);
            lock (started)
                started.AddRange(Emitted.StartsOf(message));
            return Task.CompletedTask;
        }, NullLogger.Instance);
        return (new(Database, outbox, new(Store, outbox, Time), Ids, Time), outbox);
    }

    public Task<RoutingDecision> Take(params EventEmitted[] group) =>
        Store.Take(group, facts => EventRouting.Decide(group, facts, Time.GetUtcNow(), Ids.Next), []);

    public Task<object?> Scalar(string sql, string org = "acme") => Database.InOrg(org, async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    });

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
