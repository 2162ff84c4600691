using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Modules;
using ReactorJobs.Ingress;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Scheduler;

namespace ReactorJobs.Tests.Webhooks;

/// <summary>An ingress and a scheduler in one process. Nothing runs the runs: they stay as they were started.</summary>
public sealed class Host : IAsyncDisposable
{
    public const string Secret = "between-services";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly WebApplication app;
    readonly HttpClient client;
    readonly Dictionary<string, string> tokens = [];

    Host(WebApplication app, Uri address, ShiftedTime time, DatabaseOptions database)
    {
        (this.app, Address, Time, Database) = (app, address, time, database);
        client = new() { BaseAddress = address, Timeout = Patience };
    }

    public Uri Address { get; }
    public ShiftedTime Time { get; }
    public DatabaseOptions Database { get; }
    public IServiceProvider Services => app.Services;

    public static async Task<Host> Start(DatabaseOptions database, string? webhookSecret = null)
    {
        var address = NewAddress();
        return await Start(address, address, database, [new IngressModule(), new SchedulerModule()], webhookSecret);
    }

    /// <summary>One more ingress of the same installation.</summary>
    /// <param name="scheduler">Null is one that is away.</param>
    public static Task<Host> StartIngress(DatabaseOptions database, Uri? scheduler = null) => Start(NewAddress(), scheduler ?? new("http://127.0.0.1:1"), database, [new IngressModule()], null);

    static async Task<Host> Start(Uri address, Uri scheduler, DatabaseOptions database, ServiceModule[] modules, string? webhookSecret)
    {
        var time = new ShiftedTime();
        var app = await ServiceHost.Start(new(address.ToString(), database, LogLevel: LogLevel.Error), modules, services =>
        {
            services.AddSingleton<TimeProvider>(time);
            services.AddSingleton(new InternalCalls(address, scheduler, new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:1"), Secret));
            services.AddSingleton(new SecretsSettings { Key = Convert.ToBase64String(new byte[32]) });
            services.AddSingleton(new IngressOptions { WebhookSecret = webhookSecret });
        }, default);
        var host = new Host(app, address, time, database);
        await host.TokenOf("acme");
        return host;
    }

    static Uri NewAddress()
    {
        using var probe = new TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return new($"http://127.0.0.1:{((System.Net.IPEndPoint)probe.LocalEndpoint).Port}");
    }

    public async Task<string> TokenOf(string org) =>
        tokens.TryGetValue(org, out var token) ? token : tokens[org] = await Services.GetRequiredService<OrgRegister>().EnsureOrgWithToken(org, null);

    public async Task<Answer> Send(HttpMethod method, string path, object? body = null, string org = "acme", bool isInternal = false)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body switch { null => null, string json => new StringContent(json, Encoding.UTF8, "application/json"), _ => JsonContent.Create(body) } };
        request.Headers.Authorization = new("Bearer", await TokenOf(org));
        if (isInternal)
            request.Headers.Add(InternalCalls.Header, Secret);
        return await Answered(request);
    }

    public Task<Answer> Get(string path, string org = "acme") => Send(HttpMethod.Get, path, null, org);

    public Task<Answer> Post(string path, object? body = null, string org = "acme") => Send(HttpMethod.Post, path, body, org);

    /// <summary>As the world calls: without a token.</summary>
    public Task<Answer> Deliver(string url, byte[] body, string? contentType = "application/json", HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        var path = Uri.TryCreate(url, UriKind.Absolute, out var whole) && whole.Scheme.StartsWith("http", StringComparison.Ordinal) ? whole.PathAndQuery : url;
        var request = new HttpRequestMessage(method ?? HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return Answered(request);
    }

    public Task<Answer> Deliver(string url, string body, params (string Name, string Value)[] headers) => Deliver(url, Encoding.UTF8.GetBytes(body), headers: headers);

    async Task<Answer> Answered(HttpRequestMessage request)
    {
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text, new() { MaxDepth = 128 }).RootElement, response.Content.Headers.ContentType?.MediaType, response.Headers, text);
    }

    /// <summary>Makes a job with a webhook, and gives the trigger as it was answered.</summary>
    public async Task<JsonElement> Webhook(string job, object trigger, string org = "acme")
    {
        await Post("/jobs/v1/_admin/jobs", new { name = job, handler = "h", max_concurrency = 1 }, org);
        var made = await Post($"/jobs/v1/_admin/jobs/{job}/triggers", trigger, org);
        Assert.True(made.Status == 201, made.Text);
        return made.Body;
    }

    public async Task<JsonElement> Run(Answer accepted, string org = "acme")
    {
        Assert.True(accepted.Status == 202, accepted.Text);
        return (await Get($"/jobs/v1/runs/{accepted["run_id"]}", org)).Body;
    }

    /// <summary>The log of a webhook when it has so many entries.</summary>
    public async Task<JsonElement[]> Deliveries(string job, string trigger, int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var list = await Get($"/jobs/v1/_admin/jobs/{job}/triggers/{trigger}/deliveries?limit=500");
            if (list.Body.GetArrayLength() >= count)
                return [.. list.Body.EnumerateArray()];
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await ServiceHost.Stop(app, default);
        await app.DisposeAsync();
    }
}

public sealed record Answer(int Status, JsonElement Body, string? MediaType, HttpResponseHeaders Headers, string Text)
{
    public string? this[string field] => Body.GetProperty(field).ToString();

    public Answer Refused(int status, string code)
    {
        Assert.True(Status == status, $"{Status}: {Text}");
        Assert.Equal(("application/problem+json", code), (MediaType, this["code"]));
        return this;
    }
}

/// <summary>One host for the tests that leave it as it was; each has jobs of its own.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    readonly PostgresServer server = new();

    public PostgresServer Server => server;

    public Host Host { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        Host = await Host.Start(server.NewDatabase());
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await server.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class WithHost : ICollectionFixture<SharedHost>
{
    public const string Name = "a host";
}
