using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Hosting.Modules;

/// <summary>The program of one service: settings in, a process that serves until it is told to stop.</summary>
public static class ServiceProgram
{
    const string EndWithStdin = "REACTOR_END_WITH_STDIN";
    static readonly TimeSpan Again = TimeSpan.FromMilliseconds(500);

    public static async Task<int> Run(ServiceModule module)
    {
        SuiteSettings suite;
        ReactorSettings settings;
        try
        {
            settings = SettingsFile.Load(Environment.CurrentDirectory, Variables()).Settings;
            suite = settings.Suite;
            RefuseMissing(suite);
        }
        catch (SettingsRefused refused)
        {
            await Console.Error.WriteLineAsync($"error: {refused.Message}");
            return 1;
        }

        using var stop = new CancellationTokenSource();
        var isOfAll = false;
        if (Environment.GetEnvironmentVariable(EndWithStdin) is not null)
            _ = Task.Run(() => EndWithInput(() =>
            {
                isOfAll = true;
                stop.Cancel();
            }));
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Told);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Told);

        try
        {
            await using var app = await Start(module, settings, stop.Token);
            var told = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var asked = stop.Token.Register(() => told.TrySetResult(0));
            // A part that cannot go on has said why in the log.
            await using var gaveUp = app.Lifetime.ApplicationStopping.Register(() => told.TrySetResult(1));
            var code = await told.Task;
            app.Services.GetRequiredService<Draining>().IsOfAll = isOfAll;
            await ServiceHost.Stop(app, CancellationToken.None);
            return code;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (WhyNot(exception, settings.Suite) is { } reason)
        {
            await Console.Error.WriteLineAsync($"error: {reason}");
            return 1;
        }

        void Told(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>The database may come after this process: it is waited for, and each reason for that is said once.</summary>
    static async Task<WebApplication> Start(ServiceModule module, ReactorSettings settings, CancellationToken stop)
    {
        var suite = settings.Suite;
        var name = suite.Name ?? Environment.MachineName;
        var process = new ServiceProcess(name, suite.Ingress[0], Path.GetFullPath(suite.Data), settings);
        var options = new ServiceHostOptions(
            suite.Listen, new DatabaseOptions(suite.Database!, Password: suite.DatabasePassword), new BusOptions(new Uri(suite.RabbitMq!), name));
        var said = "";
        while (true)
        {
            try
            {
                return await ServiceHost.Start(options, [module], process, services =>
                {
                    services.AddSingleton(new InternalCalls(At(suite.Ingress), At(suite.Scheduler), At(suite.Executor), At(suite.Events), suite.Secret!));
                    services.TryAddSingleton<Authenticate>(ForwardedCaller.Authenticate);
                    services.AddSingleton(provider => new Draining(provider.GetRequiredService<TimeProvider>()) { Notice = TimeSpan.FromSeconds(suite.DrainSeconds) });
                }, stop);
            }
            catch (Exception exception) when (StoreUnavailable.IsCauseOf(exception) && !IsTaken(exception))
            {
                if (said != exception.Message)
                    await Console.Error.WriteLineAsync($"PostgreSQL does not answer and is tried again until it does: {said = exception.Message}");
                await Task.Delay(Again, TimeProvider.System, stop);
            }
        }
    }

    /// <summary>What trying again would not mend, in one line; null where only a stack trace tells.</summary>
    static string? WhyNot(Exception exception, SuiteSettings suite) => exception switch
    {
        _ when IsTaken(exception) => $"{suite.Listen} is taken: end what listens there, or set suite.listen to another address",
        PostgresException refusal => $"PostgreSQL refuses what suite.database says: {refusal.SqlState}: {refusal.MessageText}",
        _ => exception.InnerException is { } inner ? WhyNot(inner, suite) : null,
    };

    static bool IsTaken(Exception exception) => exception is AddressInUseException || (exception.InnerException is { } inner && IsTaken(inner));

    static ServiceAddress At(IReadOnlyList<string> addresses) => new([.. addresses.Select(x => new Uri(x))]);

    static void RefuseMissing(SuiteSettings suite)
    {
        (string Key, bool IsThere)[] needed =
        [
            ("database", suite.Database is not null), ("rabbitmq", suite.RabbitMq is not null), ("secret", suite.Secret is not null),
            ("ingress", suite.Ingress.Count > 0), ("scheduler", suite.Scheduler.Count > 0), ("executor", suite.Executor.Count > 0), ("events", suite.Events.Count > 0),
        ];
        if (needed.FirstOrDefault(x => !x.IsThere).Key is { } missing)
            throw new SettingsRefused($"suite.{missing} is not set: give it in Reactor.toml, or as REACTOR_SUITE__{missing.ToUpperInvariant()}");
        try
        {
            _ = new NpgsqlConnectionStringBuilder(suite.Database);
        }
        catch (ArgumentException)
        {
            throw new SettingsRefused("suite.database is not a connection string of Npgsql, such as \"Host=db;Username=postgres;Password=…\"");
        }

        if (!Uri.TryCreate(suite.RabbitMq, UriKind.Absolute, out var rabbit) || rabbit.Scheme is not ("amqp" or "amqps"))
            throw new SettingsRefused("suite.rabbitmq is not an address such as \"amqp://user:password@host:5672/vhost\"");
    }

    static Dictionary<string, string> Variables() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(x => (string)x.Key, x => (string)x.Value!);

    /// <summary>Whoever started this process holds its input open: when that ends, however it ends, so does this.</summary>
    static async Task EndWithInput(Action end)
    {
        var buffer = new byte[64];
        await using var input = Console.OpenStandardInput();
        while (await input.ReadAsync(buffer) > 0)
        {
        }

        end();
    }
}
