using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Embedded.PostgreSql;
using ReactorJobs.Events;
using ReactorJobs.Executor;
using ReactorJobs.Executor.Functions;
using ReactorJobs.Executor.RemoteFunctions;
using ReactorJobs.Executor.Runtime;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Modules;
using ReactorJobs.Ingress;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Dispatch;

namespace ReactorJobs.Embedded;

/// <param name="Data">The folder of everything that outlives the process.</param>
/// <param name="Port">Of the API, on loopback.</param>
/// <param name="Org">The org that is made at the first start, with a token in <c>dev-token</c>.</param>
/// <param name="BinFolder">Where PostgreSQL's programs are; null looks for them.</param>
/// <param name="Settings">What <c>Reactor.toml</c> and the environment say; null is nothing.</param>
public sealed record EmbeddedOptions(string Data, int Port, string Org = "acme", string? BinFolder = null, ReactorSettings? Settings = null);

/// <summary>The whole suite in one process: the four services over the in-memory bus, and a PostgreSQL of its own.</summary>
public sealed class EmbeddedHost : DevSuite
{
    const string Name = "embedded";

    readonly WebApplication app;
    readonly DatabaseKeeper database;

    EmbeddedHost(WebApplication app, DatabaseKeeper database, string url, string org, string token) : base(url, org, token)
    {
        this.app = app;
        this.database = database;
    }

    public override Task<IReadOnlySet<string>?> Served(IReadOnlyCollection<string> handlers)
    {
        var capacity = app.Services.GetRequiredService<Capacity>();
        return Task.FromResult<IReadOnlySet<string>?>(handlers.Where(handler => capacity.IsServed(Org, handler)).ToHashSet());
    }

    /// <summary>Starts everything, and gives back when it serves. What cannot start is one <see cref="CannotStart"/> with one line.</summary>
    public static async Task<EmbeddedHost> Start(EmbeddedOptions options, TimeProvider time, IProgress<string> progress, CancellationToken stop)
    {
        CheckPort(options.Port);
        var url = $"http://127.0.0.1:{options.Port}";
        var settings = options.Settings ?? new();
        var database = await DatabaseKeeper.Start(new PostgresOptions(options.Data, options.BinFolder, MaxConnections: 150), time, progress, stop);
        try
        {
            progress.Report("starting the services");
            var ready = false;
            var secrets = await DevSecretKey.Ensure(options.Data, settings.Secrets);
            var here = new Uri(url);
            var process = new ServiceProcess(Name, url, options.Data, settings with { Secrets = secrets, Suite = new(), WatchedDatabases = OwnDatabase.AddTo(settings.WatchedDatabases, database.ConnectionString, options.Org) });
            var app = await ServiceHost.Start(
                new(url, new DatabaseOptions(database.ConnectionString)),
                [new IngressModule(), new SchedulerModule(), new ExecutorModule(), new EventsModule()],
                process,
                services =>
                {
                    services.AddSingleton(new InternalCalls(here, here, here, here, Convert.ToHexString(RandomNumberGenerator.GetBytes(32))));
                    services.AddSingleton(new HealthContribution("jobs", _ => Task.FromResult(ready ? HealthContribution.Ok : "starting")));
                }, stop);
            var token = await DevToken.Ensure(options.Data, known => app.Services.GetRequiredService<OrgRegister>().EnsureOrgWithToken(options.Org, known, stop));
            ready = true;
            return new EmbeddedHost(app, database, url, options.Org, token);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await ServiceHost.Stop(app, CancellationToken.None);
        await app.DisposeAsync();
        await database.DisposeAsync();
    }

    // Found out before the database starts: a taken port is the commonest mistake, and cheap to see.
    internal static void CheckPort(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
        }
        catch (SocketException exception)
        {
            throw new CannotStart(exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"Port {port} is taken: end what listens there, or choose another with --port."
                : $"Port {port} cannot be used ({exception.SocketErrorCode}): choose another with --port.", exception);
        }
    }
}

/// <summary>The host cannot start; the message is one line that says what to do.</summary>
public sealed class CannotStart(string message, Exception? cause = null) : Exception(message, cause);
