using System.Security.Cryptography;
using ReactorJobs.Embedded.RabbitMq;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Ingress;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Ingress.Schema;
using ReactorJobs.Ingress.Tokens;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>The four programs as operators start them: by the settings of <c>[suite]</c>, over a PostgreSQL that is given and a RabbitMQ of its own.</summary>
/// <param name="database">A connection string of Npgsql, for a superuser.</param>
sealed class Installation(string database) : IAsyncDisposable
{
    public const string Org = "acme";
    static readonly HttpClient Probe = new() { Timeout = TimeSpan.FromSeconds(5) };

    readonly string root = Directory.CreateTempSubdirectory("reactor-installation-").FullName;
    readonly Dictionary<string, Child> programs = [];
    BrokerKeeper? broker;

    public IReadOnlyDictionary<string, Child> Programs => programs;

    public string Url { get; private set; } = "";

    public string Token { get; private set; } = "";

    public string Logs => Folder("logs");

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(root, name)).FullName;

    /// <summary>Starts the programs. They serve when PostgreSQL does.</summary>
    public async Task Launch()
    {
        broker = await BrokerKeeper.Start(new(Folder("broker")), TimeProvider.System, new Progress<string>(), default);
        string[] services = ["ingress", "scheduler", "executor", "events"];
        var addresses = services.ToDictionary(x => x, _ => $"http://127.0.0.1:{SuiteProcess.FreePort()}");
        Url = addresses["ingress"];
        (string, string)[] shared =
        [
            ("REACTOR_SUITE__DATABASE", database), ("REACTOR_SUITE__RABBITMQ", broker.Amqp.ToString()), ("REACTOR_SUITE__SECRET", "known to these four"),
            .. addresses.Select(x => ($"REACTOR_SUITE__{x.Key.ToUpperInvariant()}", x.Value)),
            ("REACTOR_SUITE__DRAIN_SECONDS", "0"), ("REACTOR_SECRETS__KEY", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        ];
        foreach (var service in services)
            programs[service] = Start(service, Logs, [.. shared, ("REACTOR_SUITE__NAME", service), ("REACTOR_SUITE__LISTEN", addresses[service]), ("REACTOR_SUITE__DATA", Folder(service))]);
    }

    public static Child Start(string service, string logs, params ReadOnlySpan<(string, string)> environment) => Child.Start(
        logs, service, ["env", "-C", logs, "dotnet", Path.Combine(AppContext.BaseDirectory, $"ReactorJobs.{char.ToUpperInvariant(service[0])}{service[1..]}.dll")], environment);

    /// <summary>Waits until all of them serve, and makes a token.</summary>
    public async Task Serves()
    {
        await Until.True("the installation serves", async () =>
        {
            foreach (var (name, program) in programs)
                if (program.HasExited)
                    throw new InvalidOperationException($"The {name} ended with {program.ExitCode}.\n{program.LastWords}");
            try
            {
                using var response = await Probe.GetAsync($"{Url}/health");
                return response.IsSuccessStatusCode && (await response.Content.ReadAsStringAsync()).Contains("\"status\":\"ok\"", StringComparison.Ordinal);
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        });
        await using var store = new ServiceDatabase(new(database), IngressDb.Name);
        var tokens = new ServiceTokens(store, new TokenCache(TimeProvider.System), new IdSource(TimeProvider.System), TimeProvider.System);
        Token = await new OrgRegister(store, tokens, TimeProvider.System).EnsureOrgWithToken(Org, null);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in programs.Values)
            await program.DisposeAsync();
        if (broker is not null)
            await broker.DisposeAsync();
        if (Environment.GetEnvironmentVariable("REACTOR_KEEP") is null)
            Directory.Delete(root, recursive: true);
    }
}
