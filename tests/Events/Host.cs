using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Contracts;
using ReactorJobs.Events;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Modules;
using ReactorJobs.Ingress;
using ReactorJobs.Ingress.Orgs;

namespace ReactorJobs.Tests.Events;

/// <summary>Both services in one process behind Kestrel, with a stand-in for the scheduler on the in-memory bus.</summary>
public sealed class Host(PostgresServer server) : IAsyncLifetime
{
    const string Secret = "between-services";
    readonly ConcurrentDictionary<string, string> tokens = new();
    readonly Scheduler scheduler = new();
    readonly DatabaseOptions database = server.NewDatabase();
    WebApplication app = null!;

    public IServiceProvider Services => app.Services;

    public Uri Address { get; private set; } = null!;

    /// <summary>The starts that the scheduler has received, in order.</summary>
    public ChannelReader<RunStart> Starts => scheduler.Starts.Reader;

    public async Task InitializeAsync()
    {
        var (nowhere, here) = (new Uri("http://127.0.0.1:1"), new Uri($"http://127.0.0.1:{FreePort()}"));
        app = await ServiceHost.Start(new(here.ToString(), database), [new IngressModule(), new EventsModule(), scheduler], services =>
        {
            services.AddSingleton(new InternalCalls(here, nowhere, nowhere, nowhere, Secret));
            services.AddSingleton(new SecretsSettings { Key = Convert.ToBase64String(new byte[32]) });
            services.AddSingleton(new HealthContribution("functions", _ => Task.FromResult("ok")));
        }, default);
        Address = new(app.Urls.Single());
        await TokenOf("acme");
    }

    static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
    }

    public async Task DisposeAsync()
    {
        await ServiceHost.Stop(app, default);
        await app.DisposeAsync();
    }

    public async Task<string> TokenOf(string org) =>
        tokens.TryGetValue(org, out var token) ? token : tokens[org] = await Services.GetRequiredService<OrgRegister>().EnsureOrgWithToken(org, null);

    public async Task<Answer> Send(HttpMethod method, string path, object? body = null, string? org = "acme", Action<HttpRequestHeaders>? headers = null)
    {
        using var client = new HttpClient { BaseAddress = Address };
        using var request = new HttpRequestMessage(method, path)
        {
            Content = body switch { null => null, string json => new StringContent(json), _ => JsonContent.Create(body) },
        };
        if (org is not null)
            request.Headers.Authorization = new("Bearer", await TokenOf(org));
        headers?.Invoke(request.Headers);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new(
            (int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement,
            response.Headers.Concat(response.Content.Headers).ToDictionary(x => x.Key, x => string.Join(", ", x.Value), StringComparer.OrdinalIgnoreCase));
    }

    public Task<Answer> SendInternal(HttpMethod method, string path, object? body = null) =>
        Send(method, path, body, org: null, headers => headers.Add(InternalCalls.Header, Secret));

    /// <summary>As the superuser of the database.</summary>
    public async Task Execute(string sql)
    {
        await using var admin = database.ConnectAdmin(database.Database);
        await admin.OpenAsync();
        await Sql.Execute(admin, sql);
    }

    public async Task<RunStart> NextStart()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await Starts.ReadAsync(patience.Token);
    }

    sealed class Scheduler : ServiceModule
    {
        public Channel<RunStart> Starts { get; } = Channel.CreateUnbounded<RunStart>();

        public override string Name => "scheduler";

        public override Task Migrate(DatabaseOptions options, CancellationToken stop) => Task.CompletedTask;

        public override void AddServices(IServiceCollection services, DatabaseOptions database)
        {
        }

        public override void AddConsumers(IBusFactoryConfigurator bus, IServiceProvider services) =>
            bus.ReceiveEndpoint(Queues.Starts, endpoint => endpoint.Handler<StartRun>(context =>
            {
                foreach (var start in context.Message.Starts)
                    Starts.Writer.TryWrite(start);
                return Task.CompletedTask;
            }));

        public override void MapEndpoints(IEndpointRouteBuilder endpoints) =>
            endpoints.MapGet("/test/stream", async (HttpContext http) =>
            {
                using var socket = await http.WebSockets.AcceptWebSocketAsync();
                await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(http.Caller().OrgId), System.Net.WebSockets.WebSocketMessageType.Text, true, default);
                await socket.CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, default);
            });
    }
}

public sealed record Answer(int Status, JsonElement Body, IReadOnlyDictionary<string, string> Headers)
{
    public string? this[string field] => Body.GetProperty(field).ToString();
}
