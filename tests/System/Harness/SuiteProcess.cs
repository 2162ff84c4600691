using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>The suite as <c>reactor dev</c> starts it, in a process and a folder of its own, on a free port that it keeps over restarts.</summary>
sealed class SuiteProcess : IAsyncDisposable
{
    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "reactor.dll");
    static readonly HttpClient Probe = new() { Timeout = TimeSpan.FromSeconds(5) };

    readonly string root = Directory.CreateTempSubdirectory("reactor-system-").FullName;
    readonly (string Name, string Value)[] environment;
    Child? child;
    int starts;

    /// <param name="environment">Settings, as variables.</param>
    public SuiteProcess(params (string Name, string Value)[] environment)
    {
        this.environment = environment;
        Port = FreePort();
        Directory.CreateDirectory(Logs);
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    public string Data => Path.Combine(root, "data");

    public string Logs => Path.Combine(root, "logs");

    public string Token => File.ReadAllText(Path.Combine(Data, "dev-token")).Trim();

    public Child Child => child ?? throw new InvalidOperationException("The suite was not started.");

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(root, name)).FullName;

    /// <summary>A suite that serves.</summary>
    public static async Task<SuiteProcess> StartNew(params (string Name, string Value)[] environment)
    {
        var suite = new SuiteProcess(environment);
        try
        {
            suite.Launch();
            await suite.Serves();
            return suite;
        }
        catch
        {
            await suite.DisposeAsync();
            throw;
        }
    }

    public void Launch() => child = Child.Start(Logs, $"suite-{++starts}", [.. Command(Port, Data), .. InSeveralProcesses ? ["--suite", "--scale", Scale] : Array.Empty<string>()], environment);

    public static IReadOnlyList<string> Command(int port, string data) => ["dotnet", Program, "dev", "--port", $"{port}", "--data", data, "--no-example"];

    /// <summary>The host that the tests run on; both run the same tests.</summary>
    public bool InSeveralProcesses { get; init; } = Environment.GetEnvironmentVariable("REACTOR_TEST_HOST") == "suite";

    /// <summary>How many of each, where it is several.</summary>
    public string Scale { get; init; } = "executor=2,scheduler=2";

    /// <summary>The processes of the suite, by name.</summary>
    public IReadOnlyDictionary<string, int> Processes()
    {
        using var list = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "processes.json")));
        return list.RootElement.EnumerateArray().ToDictionary(x => x.GetProperty("name").GetString()!, x => x.GetProperty("pid").GetInt32());
    }

    /// <summary>Where its RabbitMQ is, and as whom it is reached.</summary>
    public JsonNode Broker => JsonNode.Parse(File.ReadAllText(Path.Combine(Data, "rabbitmq.json")))!;

    public Uri Amqp => new($"amqp://{Broker["user"]}:{Broker["password"]}@127.0.0.1:{Broker["ports"]!["amqp"]}/{Broker["virtual_host"]}");

    /// <summary>Waits until the suite answers that it takes jobs.</summary>
    public Task Serves() => Until.True($"the suite serves {Url}", async () =>
    {
        if (Child.HasExited)
            throw new InvalidOperationException($"The suite ended with {Child.ExitCode} instead of serving.\n{Child.LastWords}");
        try
        {
            using var response = await Probe.GetAsync($"{Url}/health");
            using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            return response.StatusCode == HttpStatusCode.OK && body.RootElement.GetProperty("capabilities").GetProperty("jobs").GetString() == "ok";
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or SocketException or JsonException or KeyNotFoundException)
        {
            return false;
        }
    });

    public async Task Kill()
    {
        await Child.Kill();
        await Child.DisposeAsync();
    }

    /// <summary>Asks the suite to end, as a service manager does, and gives its exit code.</summary>
    public async Task<int> Stop(TimeSpan limit)
    {
        Child.Signal("TERM");
        await Child.Exited(limit);
        return Child.ExitCode;
    }

    /// <summary>A connection of the superuser, who sees all orgs, to the suite's database.</summary>
    public async Task<NpgsqlConnection> OpenDatabase()
    {
        // embedded/PostgreSql/ClusterFolder: the socket's folder is named for the data folder.
        var socket = $"/tmp/reactor-pg-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Data)))[..16]}";
        var connection = new NpgsqlConnection($"Host={socket};Port=5432;Username=postgres;Database=reactor;Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (child is not null)
        {
            var postmaster = Postmaster;
            if (!child.HasExited)
            {
                child.Signal("TERM");
                try
                {
                    await child.Exited(TimeSpan.FromSeconds(15));
                }
                catch (TimeoutException)
                {
                    // Killed below.
                }
            }

            await child.DisposeAsync();
            // A killed host's PostgreSQL ends by itself; here it only must not outlive its folder.
            if (postmaster is { } id)
                await Until.True($"PostgreSQL {id} has ended", () => Task.FromResult(!IsPostgres(id)));
        }

        if (Environment.GetEnvironmentVariable("REACTOR_KEEP") is null)
            Directory.Delete(root, recursive: true);
    }

    /// <summary>The process of the private PostgreSQL, where it has said so.</summary>
    public int? Postmaster
    {
        get
        {
            try
            {
                return int.TryParse(File.ReadLines(Path.Combine(Data, "postgres", "postmaster.pid")).FirstOrDefault(), out var id) ? id : null;
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    static bool IsPostgres(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/comm").StartsWith("postgres", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
