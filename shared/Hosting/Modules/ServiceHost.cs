using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Hosting.Schemas;

namespace ReactorJobs.Hosting.Modules;

/// <param name="Url">Where to listen, such as <c>http://127.0.0.1:8000</c>.</param>
/// <param name="Bus">Null is the transport within the process.</param>
public sealed record ServiceHostOptions(string Url, DatabaseOptions Database, BusOptions? Bus = null, LogLevel LogLevel = LogLevel.Warning);

/// <summary>The one boot path: modules in, a web application with a bus out.</summary>
public static class ServiceHost
{
    /// <summary>With the options that the modules make of what the process was given.</summary>
    public static Task<WebApplication> Start(
        ServiceHostOptions options, IReadOnlyList<ServiceModule> modules, ServiceProcess process, Action<IServiceCollection> configure, CancellationToken stop) =>
        Start(options, modules, services =>
        {
            foreach (var module in modules)
                module.Configure(services, process);
            configure(services);
        }, stop);

    public static async Task<WebApplication> Start(
        ServiceHostOptions options, IReadOnlyList<ServiceModule> modules, Action<IServiceCollection> configure, CancellationToken stop)
    {
        await DatabaseSetup.CreateDatabase(options.Database, stop);
        foreach (var module in modules)
            await module.Migrate(options.Database, stop);

        var app = Build(options, modules, configure);
        try
        {
            await app.StartAsync(stop);
            foreach (var module in modules)
                await module.Start(app.Services, stop);
            return app;
        }
        catch
        {
            // Whoever tries again finds the address free.
            await using (app)
                await app.StopAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>Takes no new requests, ends the loops, then the bus.</summary>
    public static async Task Stop(WebApplication app, CancellationToken stop)
    {
        await app.Services.GetRequiredService<Draining>().Begin();
        // Who starts last stops first: the executor hands its attempts back while the scheduler still takes them.
        foreach (var module in app.Services.GetServices<ServiceModule>().Reverse())
            await module.Stop(app.Services, stop);
        await app.StopAsync(stop);
    }

    static WebApplication Build(ServiceHostOptions options, IReadOnlyList<ServiceModule> modules, Action<IServiceCollection> configure)
    {
        // The API's description names it: the same in every process of an installation.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "reactor" });
        builder.Logging.ClearProviders().AddSimpleConsole(console => { console.SingleLine = true; console.UseUtcTimestamp = true; console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ "; })
            .SetMinimumLevel(options.LogLevel)
            .AddFilter("MassTransit", LogLevel.Error);
        builder.WebHost.UseKestrelCore().UseUrls(options.Url).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // every reader bounds what it reads
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));

        var services = builder.Services;
        services.AddRouting();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new IdSource(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(_ => new Random());
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.AddOpenApi("v1");
        services.AddHealth(modules[0].Name);
        foreach (var module in modules)
        {
            services.AddSingleton(module);
            module.AddServices(services, options.Database);
        }

        services.AddBus(options.Bus ?? new(), modules);
        configure(services);

        var app = builder.Build();
        app.Use(Guard);
        app.UseRouting();
        app.Use(RequireCaller);
        app.UseWebSockets();
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapSchemas();
        app.MapHealth();
        foreach (var module in modules)
            module.MapEndpoints(app);
        return app;
    }

    /// <summary>Every failure leaves as a problem: no stack trace reaches a caller.</summary>
    static async Task Guard(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
            await ExplainRouting(http);
        }
        catch (ProblemException exception)
        {
            await exception.Problem.Write(http);
        }
        catch (Exception exception) when (StoreUnavailable.IsCauseOf(exception) && !http.RequestAborted.IsCancellationRequested)
        {
            await Problem.Unavailable(exception is StoreUnavailable ? exception.Message : "The database does not answer.").Write(http);
        }
        catch (BadHttpRequestException exception)
        {
            await new Problem(exception.StatusCode, "invalid_request", exception.Message).Write(http);
        }
        catch (Exception exception) when (http.RequestAborted.IsCancellationRequested && (exception is OperationCanceledException || StoreUnavailable.IsCauseOf(exception)))
        {
            // The caller is gone: there is nobody to answer.
        }
        catch (Exception exception)
        {
            http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Request").LogError(exception, "{Method} {Path} failed", http.Request.Method, http.Request.Path);
            await new Problem(500, "internal", "The service failed; its log says why.").Write(http);
        }
    }

    // What routing refuses comes without a body.
    static Task ExplainRouting(HttpContext http) => http.Response is { HasStarted: false } response && response.ContentLength is null && response.ContentType is null
        ? response.StatusCode switch
        {
            404 when http.GetEndpoint() is null => new Problem(404, "not_found", $"There is nothing at {http.Request.Path}.").Write(http),
            405 => new Problem(405, "method_not_allowed", $"{http.Request.Method} is not allowed at {http.Request.Path}.").Write(http),
            415 => Problem.Invalid("Content-Type", $"is not one that {http.Request.Method} {http.Request.Path} takes; most bodies are application/json").Write(http),
            _ => Task.CompletedTask,
        }
        : Task.CompletedTask;

    static async Task RequireCaller(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
            http.SetCaller(await http.RequestServices.GetRequiredService<Authenticate>()(http));
        await next(http);
    }
}
