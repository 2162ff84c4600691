using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Contracts;
using ReactorJobs.Executor;
using ReactorJobs.Executor.Functions;
using ReactorJobs.Executor.Runtime;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Hosting.Modules;

namespace ReactorJobs.Tests.Functions;

/// <summary>An executor with functions over HTTP, on a real server; the jobs it applies are written down here.</summary>
public sealed class FunctionHost : IAsyncDisposable
{
    readonly WebApplication app;
    readonly HttpClient client;

    FunctionHost(WebApplication app, DatabaseOptions database, string url)
    {
        this.app = app;
        client = new() { BaseAddress = new(url) };
        Database = new(database, "executor");
        Functions = app.Services.GetRequiredService<FunctionService>();
        Ids = app.Services.GetRequiredService<IdSource>();
    }

    public FunctionService Functions { get; }
    public ServiceDatabase Database { get; }
    public IdSource Ids { get; }
    public List<(string Org, string Function, string Job)> AppliedJobs { get; } = [];

    /// <summary>What the jobs' owner says of a job; null takes it.</summary>
    public ProblemException? JobRefusal { get; set; }

    public static async Task<FunctionHost> Start(DatabaseOptions database, FunctionOptions? options = null)
    {
        FunctionHost? host = null;
        Task Check(string org, string function, RawJson job) => host!.JobRefusal is { } refusal ? Task.FromException(refusal) : Task.CompletedTask;
        Task Apply(string org, string function, RawJson job)
        {
            host!.AppliedJobs.Add((org, function, job.ToString()));
            return Check(org, function, job);
        }

        var url = "http://127.0.0.1:" + FreePort();
        var app = await ServiceHost.Start(new(url, database), [new ExecutorModule()], services =>
        {
            services.AddSingleton(new ExecutorOptions { Name = "functions-" + url, PublicUrl = url });
            services.AddSingleton(options ?? new FunctionOptions());
            services.AddSingleton(new RuntimeOptions());
            services.AddSingleton(new DeploymentSteps(Bun.Run, Apply, Check));
            services.AddSingleton(new InternalCalls(new Uri(url), new Uri(url), new Uri(url), new Uri(url), "between-services"));
            services.AddSingleton<Authenticate>(http => http.Request.Headers.Authorization.ToString() is { Length: > 7 } header
                ? ValueTask.FromResult(new Caller(header["Bearer ".Length..], "tester"))
                : throw new ProblemException(new(401, "unauthorized", "A token is needed.")));
        }, default);
        return host = new(app, database, url);
    }

    static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async Task<Answer> Send(string? org, HttpMethod method, string path, object? body = null)
    {
        var content = body switch
        {
            null => null,
            byte[] bytes => new ByteArrayContent(bytes) { Headers = { ContentType = new("application/gzip") } },
            HttpContent given => given,
            _ => JsonContent.Create(body, options: JsonSerializerOptions.Default),
        };
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : "/functions/v1/_admin/functions/" + path) { Content = content };
        if (org is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", org);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new((int)response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text), response.Headers);
    }

    public Task<Answer> Post(string org, string path, object? body = null) => Send(org, HttpMethod.Post, path, body);

    public Task<Answer> Get(string org, string path) => Send(org, HttpMethod.Get, path);

    public Task<Answer> Delete(string org, string path) => Send(org, HttpMethod.Delete, path);

    public async Task Create(string org, string name, string runtime = "bun") =>
        Assert.Equal(201, (await Post(org, "/functions/v1/_admin/functions", new { name, runtime })).Status);

    /// <summary>Deploys a function that answers with a text, and gives the version.</summary>
    public async Task<int> Deploy(string org, string name, string text)
    {
        var answer = await Post(org, $"{Uri.EscapeDataString(name)}/deployments", Archive.Of(("index.ts", $"export default () => new Response('{text}');")));
        Assert.Equal(201, answer.Status);
        return answer["version"].GetInt32();
    }

    public async Task Promote(string org, string name, int? version = null) =>
        Assert.Equal(200, (await Post(org, $"{Uri.EscapeDataString(name)}/promote", new { version })).Status);

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await Database.DisposeAsync();
        await ServiceHost.Stop(app, default);
        await app.DisposeAsync();
    }
}

public sealed record Answer(int Status, JsonElement Body, HttpResponseHeaders Headers)
{
    public JsonElement this[string field] => Body.GetProperty(field);

    public string Code => this["code"].GetString()!;
    public string Detail => this["detail"].GetString()!;
}

/// <summary>One host, and one database, for all tests that speak HTTP.</summary>
public sealed class HostFixture : IAsyncLifetime
{
    readonly PostgresServer server = new();

    public FunctionHost Host { get; private set; } = null!;

    public DatabaseOptions NewDatabase() => server.NewDatabase();

    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        Host = await FunctionHost.Start(server.NewDatabase(), new()
        {
            Limits = new() { CompressedBytes = 64 << 10, UnpackedBytes = 1 << 20 },
            KeptVersions = 3,
        });
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await server.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class WithHost : ICollectionFixture<HostFixture>
{
    public const string Name = "host";
}
