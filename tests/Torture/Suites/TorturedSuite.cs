using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;
using ReactorJobs.Embedded;
using ReactorJobs.Embedded.PostgreSql;
using ReactorJobs.Embedded.RabbitMq;
using ReactorJobs.Embedded.Suite;
using ReactorJobs.Tests.System.Harness;
using ReactorJobs.Tests.Torture.Metering;
using ReactorJobs.Tests.Torture.Network;

namespace ReactorJobs.Tests.Torture.Suites;

/// <summary>
/// The suite as it is elsewhere, several processes of each service, with RabbitMQ, PostgreSQL and workers; what dies is started again. Unlike
/// <c>reactor dev --suite</c>, each process reaches the others by links of its own, so that it can be cut off from any of them.
/// </summary>
sealed class TorturedSuite : IAsyncDisposable
{
    static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    readonly Dictionary<string, ServiceKeeper> keepers = [];
    readonly Dictionary<string, Uri> listening = [];
    readonly HttpClient probe = new() { Timeout = TimeSpan.FromSeconds(2) };
    readonly TimeProvider time;
    ServiceKeeper? retired;
    DatabaseKeeper? database;
    BrokerKeeper? broker;

    TorturedSuite(Shape shape, string folder, TimeProvider time)
    {
        (Shape, Folder, this.time) = (shape, folder, time);
        Wiring = new(time);
        foreach (var name in (string[])["logs", "ledger", "meters"])
            Directory.CreateDirectory(In(name));
    }

    public Shape Shape { get; private set; }

    public string Folder { get; }

    public Wiring Wiring { get; }

    public BrokerKeeper Broker => broker!;

    public Dictionary<string, string> Tokens { get; } = [];

    /// <summary>Of the API, over the clients' own link.</summary>
    public Uri Url { get; private set; } = null!;

    public string Ledger => In("ledger");

    public string Meters => In("meters");

    /// <param name="programs">The folder of the services' programs.</param>
    public static async Task<TorturedSuite> Start(Shape shape, string folder, string programs, TimeProvider time, IProgress<string> progress, CancellationToken stop)
    {
        var suite = new TorturedSuite(shape, folder, time);
        try
        {
            var data = suite.In("data");
            suite.database = await DatabaseKeeper.Start(new PostgresOptions(data, null, MaxConnections: 400), time, progress, stop);
            suite.broker = await BrokerKeeper.Start(new RabbitMqOptions(data), time, progress, stop);
            foreach (var org in Shape.Orgs)
                suite.Tokens[org] = await SuiteHost.Register(new(suite.database.ConnectionString), org, null, time, stop);
            suite.StartServices(programs, progress);
            await suite.Serves(stop);
            suite.StartWorkers(progress);
            return suite;
        }
        catch
        {
            await suite.DisposeAsync();
            throw;
        }
    }

    /// <summary>Of the process that is there now, or was there last.</summary>
    public int Pid(string name) => name switch
    {
        Names.PostgreSql => database!.Pid,
        Names.RabbitMq => broker!.Pid,
        _ => keepers[name].Pid,
    };

    public void Kill(string name) => Posix.Signal(Pid(name), Posix.Kill);

    /// <summary>Kills the last executor for good, as whoever scales the suite in does; once.</summary>
    public async Task Retire(string name)
    {
        if (!Shape.Services.Contains(name))
            return;
        Shape = Shape with { Executors = Shape.Executors - 1 };
        retired = keepers[name];
        Kill(name);
        // Before it is started again.
        await retired.DisposeAsync();
    }

    /// <summary>Tells a process to end in order.</summary>
    public void Terminate(string name) => Posix.Signal(Pid(name), name == Names.PostgreSql ? Posix.Interrupt : Posix.Terminate);

    /// <summary>Deletes all that RabbitMQ had, right after its end, while the next one may be starting on it already.</summary>
    public void WipeRabbitMq()
    {
        for (var folder = Path.Combine(In("data"), "rabbitmq"); Directory.Exists(folder);)
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                // The next server has put something into it meanwhile.
                return;
            }
    }

    /// <summary>Whether a process that was started again serves.</summary>
    public async Task<bool> IsReady(string name)
    {
        if (!listening.TryGetValue(name, out var address))
            return name != Names.PostgreSql || await DatabaseAnswers();
        try
        {
            using var response = await probe.GetAsync(new Uri(address, "/health/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    async Task<bool> DatabaseAnswers()
    {
        try
        {
            await using var connection = await OpenDatabase();
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>As the superuser, who sees all orgs, and not over a link.</summary>
    public async Task<NpgsqlConnection> OpenDatabase()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database!.ConnectionString) { Database = "reactor", Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    void StartServices(string programs, IProgress<string> progress)
    {
        var list = new ProcessList(In("data"));
        var ports = Ports.Free(Shape.Services.Count);
        foreach (var (i, name) in Shape.Services.Index())
            listening[name] = new($"http://127.0.0.1:{ports[i]}");
        var socket = new UnixDomainSocketEndPoint(Path.Combine(new NpgsqlConnectionStringBuilder(database!.ConnectionString).Host!, ".s.PGSQL.5432"));
        var (secret, key) = (Convert.ToHexString(RandomNumberGenerator.GetBytes(32)), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        foreach (var name in Shape.Services)
        {
            var postgres = Wiring.Lay(name, Names.PostgreSql, socket).Port;
            var rabbit = new UriBuilder(broker!.Amqp) { Port = Wiring.Lay(name, Names.RabbitMq, Loopback(broker.Amqp)).Port }.Uri;
            var environment = new Dictionary<string, string>
            {
                ["REACTOR_END_WITH_STDIN"] = "1",
                ["REACTOR_SUITE__NAME"] = name,
                ["REACTOR_SUITE__LISTEN"] = Text(listening[name]),
                ["REACTOR_SUITE__DATA"] = In(name),
                ["REACTOR_SUITE__DATABASE"] = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={postgres};Username=postgres;Database=postgres;SSL Mode=Disable"),
                ["REACTOR_SUITE__RABBITMQ"] = rabbit.ToString(),
                ["REACTOR_SUITE__SECRET"] = secret,
                ["REACTOR_SUITE__DRAIN_SECONDS"] = "1",
                ["REACTOR_SECRETS__KEY"] = key,
                ["REACTOR_JOBS__MAX_ORG_REQUESTS_PER_SECOND"] = "0",
                ["DOTNET_TieredPGO"] = "0",
                [Counted.HookVariable] = typeof(TorturedSuite).Assembly.Location,
                [Counted.FolderVariable] = Meters,
            };
            foreach (var kind in (string[])[Names.Ingress, Names.Scheduler, Names.Executor, Names.Events])
                environment["REACTOR_SUITE__" + kind.ToUpperInvariant()] = string.Join(',', Shape.All(kind).Select(peer => Through(name, peer)));
            keepers[name] = new(new(name, ServiceKeeper.CommandOf(name, programs), environment, Log(name)), list, time, progress);
        }

        Url = new(Through(Names.Clients, Shape.All(Names.Ingress)[0]));
    }

    void StartWorkers(IProgress<string> progress)
    {
        var list = new ProcessList(In("ledger"));
        foreach (var (i, name) in Shape.WorkerNames.Index())
            keepers[name] = new(new(name, ["node", Path.Combine(Checkout.Folder, "tests/Torture/workers/worker.mjs")], new Dictionary<string, string>
            {
                ["REACTOR_URL"] = Through(name, Shape.All(Names.Ingress)[0]),
                ["REACTOR_TOKEN"] = Tokens[Shape.OrgOf(i)],
                ["REACTOR_ORG"] = Shape.OrgOf(i),
                ["LEDGER"] = Ledger,
            }, Log(name)), list, time, progress);
    }

    async Task Serves(CancellationToken stop)
    {
        foreach (var name in listening.Keys)
            await Until.True($"{name} is ready", async () =>
            {
                stop.ThrowIfCancellationRequested();
                return await IsReady(name);
            }, StartPatience);
    }

    string Through(string from, string to) =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Wiring.Lay(from, to, Loopback(listening[to])).Port}");

    static IPEndPoint Loopback(Uri address) => new(IPAddress.Loopback, address.Port);

    static string Text(Uri address) => address.ToString().TrimEnd('/');

    string In(string name) => Path.Combine(Folder, name);

    /// <summary>What services have written of requests that failed by a fault of their own.</summary>
    public IEnumerable<string> Faults() =>
        Directory.EnumerateFiles(In("logs"), "*.log").SelectMany(x => File.ReadLines(x).Where(line => line.Contains("fail: Request[", StringComparison.Ordinal)).Select(line => $"{Path.GetFileName(x)} {line}"));

    string Log(string name) => Path.Combine(In("logs"), name + ".log");

    public async ValueTask DisposeAsync()
    {
        Wiring.Heal();
        await Task.WhenAll(keepers.Values.Where(x => x != retired).Select(x => x.DisposeAsync().AsTask()));
        await Task.WhenAll(broker?.DisposeAsync().AsTask() ?? Task.CompletedTask, database?.DisposeAsync().AsTask() ?? Task.CompletedTask);
        await Wiring.DisposeAsync();
        probe.Dispose();
    }
}
