using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using ReactorJobs.Hosting.Health;

namespace ReactorJobs.Tests.Gateway;

/// <summary>What arrived at a service.</summary>
public sealed record Arrived(string Service, string Method, string Target, Dictionary<string, string> Headers, string Body);

/// <summary>A process behind the gateway that answers with what it was asked, or as the test says.</summary>
public sealed class FakeService : IAsyncDisposable
{
    WebApplication? app;

    FakeService(string name, Uri address) => (Name, Address) = (name, address);

    public string Name { get; }
    public Uri Address { get; }
    public string Instance { get; set; } = "";
    public ConcurrentQueue<Arrived> Requests { get; } = new();

    /// <summary>The answer of <c>/health/ready</c>.</summary>
    public Func<HttpContext, Task> Ready { get; set; } = _ => Task.CompletedTask;

    /// <summary>The answers of everything else; null echoes.</summary>
    public Func<HttpContext, Task>? Answer { get; set; }

    public static FakeService New(string name) => new(name, new($"http://127.0.0.1:{FreePort()}"));

    public static async Task<FakeService> Start(string name)
    {
        var service = New(name);
        await service.Start();
        return service;
    }

    public async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address.ToString()).ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        app = builder.Build();
        app.UseWebSockets();
        app.Run(Serve);
        await app.StartAsync();
    }

    /// <summary>Answers as at its start again, and knows of no request.</summary>
    public void Forget()
    {
        Answer = null;
        Requests.Clear();
    }

    /// <summary>As a process ends that is killed.</summary>
    public Task Kill() => Stop(new(canceled: true));

    /// <summary>As a process ends that is asked to: it finishes what it has.</summary>
    public Task Stop() => Stop(default);

    async Task Stop(CancellationToken now)
    {
        if (app is null)
            return;
        await app.StopAsync(now);
        await app.DisposeAsync();
        app = null;
    }

    async Task Serve(HttpContext http)
    {
        if (http.Request.Path == HealthEndpoints.ReadyPath)
        {
            http.Response.Headers[ProcessInstance.Header] = Instance;
            await Ready(http);
            return;
        }

        if (http.Request.Path == HealthEndpoints.InternalPath)
        {
            await http.Response.WriteAsJsonAsync(new { status = "ok", capabilities = new Dictionary<string, string> { ["jobs"] = "ok", [Name] = "ok" } });
            return;
        }

        if (Answer is { } answer)
        {
            await answer(http);
            return;
        }

        var arrived = await Read(http);
        Requests.Enqueue(arrived);
        await http.Response.WriteAsync(JsonSerializer.Serialize(arrived));
    }

    public async Task<Arrived> Read(HttpContext http) => new(
        Name, http.Request.Method, http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        http.Request.Headers.ToDictionary(x => x.Key, x => x.Value.ToString(), StringComparer.OrdinalIgnoreCase), await new StreamReader(http.Request.Body).ReadToEndAsync());

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync() => await Kill();
}
