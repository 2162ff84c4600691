using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>
/// A RabbitMQ of the suite's own on a data folder, reached on loopback with a password that only the folder's owner reads. It runs as long as the
/// host: it is shut down with it, and soon after it when the host is killed. What a kill left is ended by the next start.
/// </summary>
public sealed class PrivateRabbitMq : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan TimeToServe = TimeSpan.FromSeconds(60);
    static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(25);

    readonly BrokerFolder folder;
    readonly DataFolderLock ownership;
    readonly TimeProvider time;
    readonly Process server;
    readonly HostWatch watch;
    readonly long logStart;
    int disposed;

    PrivateRabbitMq(BrokerFolder folder, BrokerAddress address, DataFolderLock ownership, TimeProvider time, Process server, long logStart)
    {
        (this.folder, Address, this.ownership, this.time, this.server, this.logStart) = (folder, address, ownership, time, server, logStart);
        Pid = server.Id;
        Exited = WaitForExit(server);
        watch = HostWatch.Start(server.Id, "TERM");
    }

    /// <summary>With user, password and virtual host.</summary>
    public Uri Amqp => Address.Amqp;

    /// <summary>Of the management API and its pages; <see cref="Amqp"/>'s user is an administrator.</summary>
    public Uri Management => Address.Management;

    /// <summary>Of the Erlang machine itself.</summary>
    public int Pid { get; }

    /// <summary>Completes with the exit code when the server ends, for whatever reason. Dispose this one then, and start another.</summary>
    public Task<int> Exited { get; }

    internal BrokerAddress Address { get; }

    /// <summary>Starts RabbitMQ on the data folder, and returns when it serves: after 3 to 5 s.</summary>
    /// <param name="progress">Gets a line for what takes time or is out of the ordinary.</param>
    /// <exception cref="BrokerUnavailable">It cannot run; the message says why and what to do.</exception>
    public static Task<PrivateRabbitMq> Start(RabbitMqOptions options, TimeProvider time, IProgress<string> progress, CancellationToken stop) =>
        Start(options, at: null, time, progress, stop);

    /// <param name="at">Where it has to be reached, because somebody knows it there; null is where it was, if that is free.</param>
    /// <param name="begun">Told of the process as soon as there is one: it serves some seconds later.</param>
    internal static async Task<PrivateRabbitMq> Start(
        RabbitMqOptions options, BrokerAddress? at, TimeProvider time, IProgress<string> progress, CancellationToken stop, Action<int>? begun = null)
    {
        if (OperatingSystem.IsWindows())
            throw new BrokerUnavailable("The private RabbitMQ runs on Linux and macOS only: give the URL of a server instead.");
        var folder = BrokerFolder.Open(options.Data);
        try
        {
            return await Start(options, at, folder, begun, time, progress, stop);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw new BrokerUnavailable($"RabbitMQ cannot be started on {folder.DataFolder}: {cause.Message}", cause);
        }
    }

    [UnsupportedOSPlatform("windows")]
    static async Task<PrivateRabbitMq> Start(
        RabbitMqOptions options, BrokerAddress? at, BrokerFolder folder, Action<int>? begun, TimeProvider time, IProgress<string> progress, CancellationToken stop)
    {
        var ownership = DataFolderLock.Take(folder.DataFolder, "rabbitmq-host", (message, cause) => new BrokerUnavailable(message, cause));
        PrivateRabbitMq? started = null;
        try
        {
            await LeftoverRabbitMq.End(folder, time, progress, stop);
            var binaries = RabbitMqBinaries.Find(options.BinFolder);
            var address = at?.StillFree() ?? await BrokerAddress.Ensure(folder.DataFolder, progress);
            await folder.Prepare(address, progress);
            started = Launch(folder, address, ownership, binaries, time);
            begun?.Invoke(started.Pid);
            await started.Serves(stop);
            return started;
        }
        catch
        {
            // Nobody was told of it yet, so nothing was confirmed that an orderly end would keep.
            if (started is not null) await started.End(Posix.Kill);
            else ownership.Dispose();
            throw;
        }
    }

    static PrivateRabbitMq Launch(BrokerFolder folder, BrokerAddress address, DataFolderLock ownership, RabbitMqBinaries binaries, TimeProvider time)
    {
        var logStart = ServerLog.Length(folder.LogFile);

        // Each program here replaces itself by the next, so the process that is started becomes the server. What it says before it has a log, and
        // why it cannot start, goes to the log too.
        var start = Tool.StartInfo(
            [.. HostWatch.OwnSession, "sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", folder.LogFile, binaries.Server], null);
        start.WorkingDirectory = folder.Path;
        start.Environment.Clear();
        foreach (var (name, value) in BrokerSettings.Environment(folder, address.Ports, string.Join(':', Tool.PathFolders()))) start.Environment[name] = value;
        var server = new Process { StartInfo = start };
        server.Start();
        return new(folder, address, ownership, time, server, logStart);
    }

    async Task Serves(CancellationToken stop)
    {
        using var probe = new BrokerProbe(Address, time);
        var begun = time.GetTimestamp();
        while (true)
        {
            if (Exited.IsCompleted) throw Failure($"RabbitMQ ended with exit code {await Exited} while starting");
            var missing = await probe.WhatIsMissing(stop);
            if (!folder.IsIntact)
                throw new BrokerUnavailable($"{folder.Path} was deleted while RabbitMQ was starting on it: start again.");
            if (missing is null) return;

            if (time.GetElapsedTime(begun) >= TimeToServe) throw Failure($"RabbitMQ did not serve within {TimeToServe.TotalSeconds} s ({missing})");
            await Task.WhenAny(Exited, Task.Delay(BetweenTries, time, stop));
            stop.ThrowIfCancellationRequested();
        }
    }

    BrokerUnavailable Failure(string what) => BrokerFailure.Explain(what, ServerLog.Since(folder.LogFile, logStart), folder);

    static async Task<int> WaitForExit(Process server)
    {
        await server.WaitForExitAsync();
        return server.ExitCode;
    }

    /// <summary>
    /// Shuts down in order, which takes about 6 s (for 5 of them the management plugin of 3.10 waits for a part that has ended); after 10 s at once,
    /// by which nothing is lost that was confirmed.
    /// </summary>
    public ValueTask DisposeAsync() => End(Posix.Terminate, Posix.Kill);

    async ValueTask End(params int[] signals)
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        try
        {
            foreach (var signal in signals)
            {
                // The handle knows whether its process was waited for; until then its number cannot be another's.
                if (Exited.IsCompleted) break;
                Posix.Signal(Pid, signal);
                await Task.WhenAny(Exited, Task.Delay(Patience, time));
            }
        }
        finally
        {
            watch.Dispose();
            server.Dispose();
            ownership.Dispose();
        }
    }
}
