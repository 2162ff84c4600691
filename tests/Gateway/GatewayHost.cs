using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Modules;
using ReactorJobs.Ingress;
using ReactorJobs.Ingress.Gateway;
using ReactorJobs.Ingress.Orgs;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace ReactorJobs.Tests.Gateway;

/// <summary>A real ingress with its gateway, and a token of the org acme.</summary>
public sealed class GatewayHost : IAsyncDisposable
{
    public const string Secret = "between-services";
    public const string Org = "acme";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly WebApplication app;
    readonly string token;

    GatewayHost(WebApplication app, Uri address, string token)
    {
        (this.app, Address, this.token) = (app, address, token);
        Client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address, Timeout = Patience };
        Client.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    public Uri Address { get; }
    public HttpClient Client { get; }
    public string Token => token;
    public IServiceProvider Services => app.Services;

    internal static async Task<GatewayHost> Start(DatabaseOptions database, GatewayOptions options)
    {
        var address = new Uri($"http://127.0.0.1:{FakeService.FreePort()}");
        var app = await ServiceHost.Start(new(address.ToString(), database, LogLevel: LogLevel.Error), [new IngressModule()], services =>
        {
            services.AddSingleton(new InternalCalls(address, options.Scheduler[0], options.Executor[0], options.Events[0], Secret));
            services.AddGateway(options);
        }, default);
        return new(app, address, await app.Services.GetRequiredService<OrgRegister>().EnsureOrgWithToken(Org, null));
    }

    public Task<HttpResponseMessage> Send(HttpMethod method, string target, HttpContent? content = null, Action<HttpRequestHeaders>? headers = null)
    {
        var request = new HttpRequestMessage(method, new Uri(Address.ToString().TrimEnd('/') + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) { Content = content };
        headers?.Invoke(request.Headers);
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<Arrived> Forwarded(HttpMethod method, string target, HttpContent? content = null, Action<HttpRequestHeaders>? headers = null)
    {
        using var response = await Send(method, target, content, headers);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<Arrived>(text)!;
    }

    public Task<Arrived> Get(string target) => Forwarded(HttpMethod.Get, target);

    /// <summary>The status and the code of a refusal, which is a problem.</summary>
    public async Task<(int Status, string Code)> Refused(HttpMethod method, string target, HttpContent? content = null, Action<HttpRequestHeaders>? headers = null)
    {
        using var response = await Send(method, target, content, headers);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString()!);
    }

    /// <summary>Waits until the last check of the instance came to this.</summary>
    public Task Checked(FakeService service, bool isServing) => Until(() =>
    {
        var expected = isServing ? DestinationHealth.Healthy : DestinationHealth.Unhealthy;
        var instances = Services.GetRequiredService<IProxyStateLookup>().GetClusters().SelectMany(x => x.Destinations.Values);
        return Task.FromResult(instances.Single(x => x.Model.Config.Address == service.Address.ToString()).Health.Active == expected);
    });

    public static async Task Until(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await ServiceHost.Stop(app, default);
        await app.DisposeAsync();
    }
}

/// <summary>One database for all fakes' ingresses: its schema is made once.</summary>
public sealed class GatewayDatabase : IAsyncLifetime
{
    readonly PostgresServer server = new();

    public DatabaseOptions Options { get; private set; } = null!;

    public DatabaseOptions New() => server.NewDatabase();

    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        Options = server.NewDatabase();
    }

    public Task DisposeAsync() => server.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class WithGatewayDatabase : ICollectionFixture<GatewayDatabase>
{
    public const string Name = "gateway";
}
