using Microsoft.Extensions.Logging;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Fires;
using ReactorJobs.Scheduler.Following;
using ReactorJobs.Scheduler.Reconciling;
using ReactorJobs.Scheduler.Retention;
using ReactorJobs.Scheduler.Timers;

namespace ReactorJobs.Scheduler;

/// <summary>What the scheduler does of its own accord: fires timers, looks for what has stalled, deletes what is old.</summary>
public sealed partial class SchedulerLoops(
    GroupLoop<RunItem> loop, TimerWheel timers, Capacity capacity, Reconciler reconciler, OtherSchedulers others, CronFiring cron, QuartzWakeUps wakeUps, RunRetention retention, SchedulerOptions options, TimeProvider time, ILogger<SchedulerLoops> logger)
{
    static readonly TimeSpan FlushEvery = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan RetainEvery = TimeSpan.FromMinutes(10);

    readonly CancellationTokenSource stopping = new();
    Task running = Task.CompletedTask;

    public void Start() => running = Task.WhenAll(
        timers.FireOn(stopping.Token),
        Every(TimerWheel.ReadEvery, "reading timers", async () =>
        {
            await timers.Read();
            capacity.Schedulers = timers.Schedulers;
        }),
        Every(options.SweepEvery, "looking for what has stalled", reconciler.Sweep),
        Every(options.SweepEvery, "firing cron triggers", cron.Sweep),
        Every(FlushEvery, "flushing the outbox", () =>
        {
            reconciler.Flush();
            return Task.CompletedTask;
        }),
        Every(BusHearing.SpeakEvery, "speaking", () =>
        {
            others.Speak();
            return Task.CompletedTask;
        }),
        Every(RetainEvery, "deleting old runs", () => retention.Round(stopping.Token)));

    async Task Every(TimeSpan period, string what, Func<Task> round)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Run(round);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                // The next round does what this one could not; the log keeps the reason.
                RoundFailed(what, exception.Message);
            }

            await Task.Delay(period, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends the rounds, then commits what was taken in.</summary>
    public async Task Stop()
    {
        await stopping.CancelAsync();
        await wakeUps.DisposeAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await loop.DisposeAsync();
        try
        {
            await timers.Leave();
        }
        catch (Exception exception)
        {
            // The lease runs out by itself.
            RoundFailed("giving up the shards of timers", exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} failed and is tried again: {Reason}")]
    partial void RoundFailed(string what, string reason);
}
