using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Changes;
using ReactorJobs.Events.Watches;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>
/// An application's database, the events service's store in another one, and as many processes of the service as a test starts; with a bus that takes or
/// refuses what it is told to.
/// </summary>
public sealed class Shop(PostgresServer server) : IAsyncDisposable
{
    public const string Database = "default";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly Dictionary<RunId, RunStart> started = [];
    readonly List<WatchReader> readers = [];
    readonly IdSource ids = new(TimeProvider.System);
    int triggers;

    public EventsDatabase Events { get; } = new(server);

    /// <summary>The application's.</summary>
    public string Connection { get; private set; } = "";

    public WatchedDatabases Databases { get; private set; } = new([]);

    public WatchStore Store { get; private set; } = null!;

    public DataTriggers Triggers { get; private set; } = null!;

    public Exception? Refusal { get => Events.Refusal; set => Events.Refusal = value; }

    /// <summary>What the scheduler was told to start, each run once, in the order of the messages.</summary>
    public IReadOnlyList<RunStart> Started
    {
        get
        {
            lock (started)
                return [.. started.Values];
        }
    }


    public async Task Create(params WatchedDatabase[] others)
    {
        await Events.Create();
        var application = server.NewDatabase();
        await using (var admin = application.ConnectAdmin())
        {
            await admin.OpenAsync();
            await Sql.Execute(admin, $"create database {application.Database}");
        }

        Connection = new NpgsqlConnectionStringBuilder(application.AdminConnection) { Database = application.Database, Pooling = false }.ConnectionString;
        Databases = new([new(Database, Connection, ["acme"], [], 1L << 30), .. others.Select(x => x with { Connection = x.Connection.Length == 0 ? Connection : x.Connection })]);
        Store = new(Events.Database, TimeProvider.System);
        Triggers = new(Databases, Store, ids, TimeProvider.System, () => { }, NullLogger<DataTriggers>.Instance);
    }

    /// <summary>A trigger that is kept.</summary>
    public async Task<string> Watch(string table, string[]? events = null, string? when = null, string job = "job", string org = "acme", string database = Database)
    {
        var id = $"trg_{++triggers:D26}";
        Assert.True(TableName.TryParse(table, out var name));
        await Triggers.Put(new(org, id, job, database, name, events ?? ["insert", "update", "delete"], when is null ? null : RawJson.Trusted(when)), default);
        await Triggers.Confirm(org, id, default);
        return id;
    }

    /// <summary>Reads as one process of the service does, until it is disposed of.</summary>
    public async Task<WatchReader> Read(string org = "acme", string database = Database)
    {
        var outbox = new Outbox(message =>
        {
            if (Refusal is not null)
                return Task.FromException(Refusal);
            lock (started)
                foreach (var start in Emitted.StartsOf(message))
                    started.TryAdd(start.RunId, start);
            return Task.CompletedTask;
        }, NullLogger.Instance);
        var watch = (await Store.All(default)).Single(x => x.Watch.OrgId == org && x.Watch.Name == database).Watch;
        var reader = new WatchReader(
            watch, Databases.Find(org, database)!, new ChangeIntake(Events.Database, outbox, ids, TimeProvider.System), Store, Triggers, new Random(1), TimeProvider.System, NullLogger.Instance);
        reader.Start();
        readers.Add(reader);
        return reader;
    }

    public async Task Execute(string sql, string? connection = null)
    {
        await using var application = new NpgsqlConnection(connection ?? Connection);
        await application.OpenAsync();
        await Sql.Execute(application, sql);
    }

    public async Task<T> Ask<T>(string sql)
    {
        await using var application = new NpgsqlConnection(Connection);
        await application.OpenAsync();
        return (T)(await Sql.Scalar(application, sql))!;
    }

    /// <param name="triggers">Whose runs; null is anybody's.</param>
    public async Task<IReadOnlyList<Change>> UntilStarted(int runs, IReadOnlyCollection<string>? triggers = null)
    {
        RunStart[] Theirs() => [.. Started.Where(x => triggers is null || triggers.Contains(x.Trigger.Id!))];
        await Until(() => Task.FromResult(Theirs().Length >= runs));
        return [.. Theirs().Select(Change.Of)];
    }

    public static async Task Until(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in readers)
            await reader.DisposeAsync();
        foreach (var known in await Store.All(default))
        {
            await using var remote = await new WatchedServer(Databases.Find(known.Watch.OrgId, known.Watch.Name)!).Open(default);
            foreach (var (org, trigger) in await Store.Unconfirmed(DateTimeOffset.MaxValue, default))
                await Triggers.Remove(org, trigger, default);
            await Sql.Execute(remote, $"select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '{known.Watch.Slot}' and not active");
        }

        await Events.DisposeAsync();
    }
}

/// <summary>The payload of a run that a change has started.</summary>
public sealed record Change(string TriggerId, string Job, string Table, string Op, JsonElement Old, JsonElement New, string Lsn, JsonElement Payload, JsonElement Detail)
{
    public static Change Of(RunStart start)
    {
        var payload = start.Payload.Read<JsonElement>();
        return new(
            start.Trigger.Id!, start.Job, payload.GetProperty("table").GetString()!, payload.GetProperty("op").GetString()!, payload.GetProperty("old"), payload.GetProperty("new"),
            payload.GetProperty("lsn").GetString()!, payload, start.Trigger.Detail.Read<JsonElement>());
    }

    public override string ToString() => $"{Op} {Old} -> {New}";
}
