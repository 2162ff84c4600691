using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using ReactorJobs.Embedded.PostgreSql;
using ReactorJobs.Embedded.RabbitMq;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Ingress;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Ingress.Schema;
using ReactorJobs.Ingress.Tokens;

namespace ReactorJobs.Embedded.Suite;

/// <param name="Data">The folder of everything that outlives the processes.</param>
/// <param name="Port">Of the ingress, on loopback; where there are several, of the first one, and the others follow.</param>
public sealed record SuiteOptions(string Data, int Port, SuiteScale Scale, ReactorSettings Settings, string Org = "acme", string? BinFolder = null)
{
    internal IEnumerable<int> Ports => Enumerable.Range(Port, Scale.Ingress);
}

/// <summary>
/// The suite as it is elsewhere: a process for each service, RabbitMQ and PostgreSQL, all of them this one's. What dies is started again
/// within two seconds (semantics 27).
/// </summary>
public sealed class SuiteHost : DevSuite
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    readonly Parts parts;
    readonly InternalCalls calls;

    SuiteHost(Parts parts, InternalCalls calls, string url, string org, string token) : base(url, org, token)
    {
        this.parts = parts;
        this.calls = calls;
    }

    /// <summary>Starts everything, and gives back when it serves. What cannot start is one exception with one line.</summary>
    public static async Task<SuiteHost> Start(SuiteOptions options, TimeProvider time, IProgress<string> progress, CancellationToken stop)
    {
        foreach (var port in options.Ports)
            EmbeddedHost.CheckPort(port);
        var parts = new Parts(new ProcessList(options.Data), Path.Combine(options.Data, "logs"));
        try
        {
            await parts.StartStores(options, time, progress, stop);
            // Before anybody can see that the suite serves, there is a token to use it with.
            var token = await DevToken.Ensure(options.Data, known => Register(new(parts.Database!.ConnectionString), options.Org, known, time, stop));
            var layout = Layout(options, parts, await DevSecretKey.Ensure(options.Data, options.Settings.Secrets));
            progress.Report($"starting {layout.Starts.Count} services, their logs are in {parts.Logs}");
            foreach (var start in layout.Starts)
                parts.Services.Add(new(start, parts.List, time, progress));
            var url = $"http://127.0.0.1:{options.Port}";
            foreach (var port in options.Ports)
                await UntilReady($"http://127.0.0.1:{port}", parts, time, stop);
            progress.Report($"RabbitMQ's management is at {parts.Broker!.Management} (user {parts.Broker.User}, password {parts.Broker.Password})");
            return new(parts, layout.Calls, url, options.Org, token);
        }
        catch
        {
            await parts.DisposeAsync();
            throw;
        }
    }

    public override async Task<IReadOnlySet<string>?> Served(IReadOnlyCollection<string> handlers)
    {
        try
        {
            using var response = await calls.Send(
                HttpMethod.Post, calls.Scheduler, $"/internal/scheduler/orgs/{Uri.EscapeDataString(Org)}/served", JsonContent.Create(handlers), CancellationToken.None);
            return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<HashSet<string>>() : null;
        }
        catch (Exception exception) when (exception is StoreUnavailable or HttpRequestException or JsonException)
        {
            return null;
        }
    }

    public override ValueTask DisposeAsync() => parts.DisposeAsync();

    static (IReadOnlyList<ServiceStart> Starts, InternalCalls Calls) Layout(SuiteOptions options, Parts parts, SecretsSettings secrets)
    {
        var scale = options.Scale;
        var secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        string[] ingress = [.. options.Ports.Select(port => $"http://127.0.0.1:{port}")];
        using var free = LoopbackPorts.From(LoopbackPorts.First(options.Data)).Where(port => !options.Ports.Contains(port) && LoopbackPorts.IsFree(port)).GetEnumerator();
        var (scheduler, executor, events) = (Addresses(scale.Scheduler), Addresses(scale.Executor), Addresses(scale.Events));
        var shared = new Dictionary<string, string>
        {
            ["REACTOR_END_WITH_STDIN"] = "1",
            ["REACTOR_SUITE__DATABASE"] = parts.Database!.ConnectionString,
            ["REACTOR_SUITE__RABBITMQ"] = parts.Broker!.Amqp.ToString(),
            ["REACTOR_SUITE__SECRET"] = secret,
            ["REACTOR_SUITE__INGRESS"] = string.Join(',', ingress),
            ["REACTOR_SUITE__SCHEDULER"] = string.Join(',', scheduler),
            ["REACTOR_SUITE__EXECUTOR"] = string.Join(',', executor),
            ["REACTOR_SUITE__EVENTS"] = string.Join(',', events),
            ["REACTOR_SECRETS__KEY"] = secrets.Key!,
            ["REACTOR_SECRETS__PREVIOUS_KEYS"] = string.Join(',', secrets.PreviousKeys),
        };
        foreach (var (name, value) in OwnDatabase.Variables(options.Settings.WatchedDatabases, parts.Database!.ConnectionString, options.Org))
            shared[name] = value;
        ServiceStart[] starts = [.. Of("ingress", ingress), .. Of("scheduler", scheduler), .. Of("executor", executor), .. Of("events", events)];
        return (starts, new(At(ingress), At(scheduler), At(executor), At(events), secret));

        IEnumerable<ServiceStart> Of(string service, string[] addresses) => addresses.Select((address, i) =>
        {
            var name = $"{service}-{i + 1}";
            return new ServiceStart(name, ServiceKeeper.CommandOf(name, AppContext.BaseDirectory), new Dictionary<string, string>(shared)
            {
                ["REACTOR_SUITE__NAME"] = name,
                ["REACTOR_SUITE__LISTEN"] = address,
                ["REACTOR_SUITE__DATA"] = Path.Combine(options.Data, name),
            }, Path.Combine(parts.Logs, $"{name}.log"));
        });

        string[] Addresses(int count) => [.. Enumerable.Range(0, count).Select(_ => free.MoveNext()
            ? $"http://127.0.0.1:{free.Current}"
            : throw new CannotStart("No port between 20000 and 31999 is free on 127.0.0.1: end what listens there."))];

        static ServiceAddress At(string[] addresses) => new([.. addresses.Select(x => new Uri(x))]);
    }

    static async Task UntilReady(string url, Parts parts, TimeProvider time, CancellationToken stop)
    {
        using var client = new HttpClient(new ConnectionFaults(new SocketsHttpHandler())) { Timeout = TimeSpan.FromSeconds(2) };
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(new Uri(url + "/health"), stop);
                using var health = JsonDocument.Parse(await response.Content.ReadAsStreamAsync(stop));
                if (response.IsSuccessStatusCode && health.RootElement.GetProperty("capabilities").GetProperty("jobs").GetString() == "ok")
                    return;
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is TaskCanceledException && !stop.IsCancellationRequested))
            {
                // Not yet.
            }

            if (time.GetElapsedTime(began) > StartPatience)
                throw new CannotStart($"The services are not ready after {StartPatience.TotalSeconds:0} s: their logs in {parts.Logs} say why.");
            await Task.Delay(Look, time, stop);
        }
    }

    /// <summary>Creates database and org where they are missing, and gives a token that opens the org.</summary>
    internal static async Task<string> Register(DatabaseOptions options, string org, string? known, TimeProvider time, CancellationToken stop)
    {
        await DatabaseSetup.CreateDatabase(options, stop);
        await new IngressModule().Migrate(options, stop);
        await using var database = new ServiceDatabase(options, IngressDb.Name);
        var tokens = new ServiceTokens(database, new TokenCache(time), new IdSource(time), time);
        return await new OrgRegister(database, tokens, time).EnsureOrgWithToken(org, known, stop);
    }

    /// <summary>Everything that runs, in the order of its start.</summary>
    sealed class Parts(ProcessList list, string logs) : IAsyncDisposable
    {
        public ProcessList List => list;
        public string Logs => logs;
        public DatabaseKeeper? Database { get; private set; }
        public BrokerKeeper? Broker { get; private set; }
        public List<ServiceKeeper> Services { get; } = [];

        public async Task StartStores(SuiteOptions options, TimeProvider time, IProgress<string> progress, CancellationToken stop)
        {
            // The database's lock makes this process the owner of the folder; only then may it end what others left there.
            Database = await DatabaseKeeper.Start(new PostgresOptions(options.Data, options.BinFolder, MaxConnections: 400), time, progress, stop);
            Directory.CreateDirectory(logs);
            await list.EndLeftovers(time, stop);
            list.Set("postgresql", Database.Pid);
            Database.Restarted += () => list.Set("postgresql", Database.Pid);
            Broker = await BrokerKeeper.Start(new RabbitMqOptions(options.Data), time, progress, stop);
            list.Set("rabbitmq", Broker.Pid);
            Broker.Begun += pid => list.Set("rabbitmq", pid);
        }

        public async ValueTask DisposeAsync()
        {
            await Task.WhenAll(Services.Select(x => x.DisposeAsync().AsTask()));
            await Task.WhenAll(Broker?.DisposeAsync().AsTask() ?? Task.CompletedTask, Database?.DisposeAsync().AsTask() ?? Task.CompletedTask);
            list.Clear();
        }
    }
}
