using Microsoft.Extensions.Logging;
using ReactorJobs.Events.CatchUps;
using ReactorJobs.Events.Deliveries;
using ReactorJobs.Events.Retention;
using ReactorJobs.Events.Sql;
using ReactorJobs.Events.Watches;

namespace ReactorJobs.Events;

/// <summary>What the service does by the clock.</summary>
public sealed class EventUpkeep(OutboxUpkeep outbox, EventCatchUps catchUps, EventRetention retention, SqlIntake sql, WatchReaders watches, TimeProvider time, ILogger<EventUpkeep> logger) : IDisposable
{
    readonly CancellationTokenSource stopping = new();
    Task running = Task.CompletedTask;

    public void Start()
    {
        running = Task.WhenAll(
            Repeat(outbox.Flush, OutboxUpkeep.FlushPeriod),
            Repeat(outbox.Sweep, OutboxUpkeep.SweepPeriod),
            Repeat(catchUps.Run, EventCatchUps.Period),
            Repeat(retention.Run, EventRetention.Period));
        sql.Start();
        watches.Start();
    }

    public async Task Stop()
    {
        await stopping.CancelAsync();
        await running;
        await sql.Stop();
        await watches.Stop();
    }

    public void Dispose() => stopping.Dispose();

    /// <summary>At once and then every period. A failure is the next round's to make good: these are what finds things again.</summary>
    async Task Repeat(Func<CancellationToken, Task> work, TimeSpan period)
    {
        var stop = stopping.Token;
        using var timer = new PeriodicTimer(period, time);
        try
        {
            do
            {
                try
                {
                    await work(stop);
                }
                catch (Exception exception) when (!stop.IsCancellationRequested)
                {
                    logger.LogWarning("{Work} failed and is tried again: {Reason}", work.Method.Name, exception.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
