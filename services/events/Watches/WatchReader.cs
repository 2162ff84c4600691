using Microsoft.Extensions.Logging;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Changes;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Events.Watches;

/// <summary>
/// Keeps reading one watch: a connection that fails is made anew, at growing intervals; a slot that another process reads is asked for again, so that one
/// of them takes over when that process dies; a slot that was lost is made anew, and what it has left out is written down.
/// </summary>
public sealed class WatchReader(Watch watch, WatchedDatabase watched, ChangeIntake intake, WatchStore store, DataTriggers triggers, Random random, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    static readonly TimeSpan TakeOverPeriod = TimeSpan.FromSeconds(2);
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(10);

    readonly WatchedServer server = new(watched);
    readonly CancellationTokenSource stopping = new();
    Task running = Task.CompletedTask;
    string? said;
    bool isWarned;

    public void Start() => running = Task.Run(() => Run(stopping.Token));

    /// <summary>Nobody watches any more, or the process ends.</summary>
    public bool HasEnded => running.IsCompleted;

    /// <summary>How far it is behind, when it was looked at last; null while another process reads.</summary>
    public WatchLag? Lag { get; private set; }

    public Watch Watch => watch;

    async Task Run(CancellationToken stop)
    {
        var pause = FirstPause;
        while (!stop.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            try
            {
                await Stream(stop);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (WatchGone)
            {
                return;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ObjectInUse)
            {
                await Pause(TakeOverPeriod, stop);
                continue;
            }
            catch (PostgresException exception) when (WatchProblem.IsLoss(exception))
            {
                await Renew(exception, stop);
            }
            catch (Exception exception)
            {
                await Tell(WatchProblem.Explain(exception), stop);
            }

            Lag = null;
            // One that has held is tried again soon.
            pause = time.GetElapsedTime(began) > LongestPause ? FirstPause : pause;
            await Pause(pause * (0.75 + random.NextDouble() / 2), stop);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    async Task Stream(CancellationToken stop)
    {
        var stream = new ChangeStream(watch, server, intake, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var looking = Task.CompletedTask;
        try
        {
            await stream.Run(async () =>
            {
                await StoreUnavailable.Outlast(async () => await store.SetState(watch, WatchStates.Streaming, null, stop), time, stop);
                if (said is not null)
                    logger.LogInformation("The database {Database} of {Org} is read again", watch.Name, watch.OrgId);
                said = null;
                looking = Look(stream, ended.Token);
            }, stop);
        }
        finally
        {
            await ended.CancelAsync();
            await looking;
        }
    }

    /// <summary>How far it is behind, what the slot holds, and whether the tables are still what they were.</summary>
    async Task Look(ChangeStream stream, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var remote = await server.Open(stop);
                if (await WatchedServer.Status(remote, watch.Slot, stop) is { } slot)
                {
                    var waiting = stream.WaitingSince is { } since ? Math.Max(0, (time.GetUtcNow() - since).TotalSeconds) : 0;
                    Lag = new(slot.Behind, waiting, slot.WalStatus ?? "reserved");
                    Warn(slot);
                    var problems = await triggers.Examine(watch, remote, stop);
                    await store.SetLag(watch, Lag, problems, stop);
                }
            }
            catch (Exception)
            {
                // What ails the server or the store is said by who reads from the one and writes to the other.
            }

            await Pause(LookPeriod, stop);
        }
    }

    /// <summary>Once for each time that the bound is passed.</summary>
    void Warn(SlotStatus slot)
    {
        var isTooLong = slot.IsTooLong(watched.WarnBytes);
        if (isTooLong && !isWarned)
            logger.LogWarning(
                "The database {Database} of {Org} keeps {Megabytes} MB of write-ahead log for the slot {Slot}, more than {Allowed} MB: its changes are not taken in as fast as they come",
                watch.Name, watch.OrgId, slot.Held >> 20, watch.Slot, slot.WarnFrom(watched.WarnBytes) >> 20);
        isWarned = isTooLong;
    }

    async Task Renew(PostgresException loss, CancellationToken stop)
    {
        logger.LogError(
            "The slot {Slot} of the database {Database} of {Org} is lost, and changes with it ({Reason}); it is made anew", watch.Slot, watch.Name, watch.OrgId, loss.MessageText);
        try
        {
            await triggers.Renew(watch, loss.MessageText, stop);
        }
        catch (WatchGone)
        {
            // The next try finds that, too.
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            await Tell(WatchProblem.Explain(exception), stop);
        }
    }

    /// <summary>Each reason once.</summary>
    async Task Tell(string reason, CancellationToken stop)
    {
        if (said == reason)
            return;
        said = reason;
        logger.LogWarning("The database {Database} of {Org} is not read, and tried again: {Reason}", watch.Name, watch.OrgId, reason);
        try
        {
            await store.SetState(watch, WatchStates.Failing, reason, stop);
        }
        catch (Exception)
        {
            // The store is away, too; the log has it.
            said = null;
        }
    }

    async Task Pause(TimeSpan pause, CancellationToken stop) => await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public async Task Stop()
    {
        await stopping.CancelAsync();
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        stopping.Dispose();
    }
}
