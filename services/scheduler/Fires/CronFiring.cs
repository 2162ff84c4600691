using Microsoft.Extensions.Logging;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Fires;

/// <summary>Lets cron triggers fire (semantics 22): what wakes it does not matter, nor how often, nor at how many schedulers.</summary>
/// <param name="wake">Is told the next time of a trigger; null where there is none.</param>
/// <param name="begin">Is told once that there are cron triggers.</param>
public sealed partial class CronFiring(FireStore store, FireStarter starter, Action<TriggerKey, DateTimeOffset?> wake, Action begin, TimeProvider time, ILogger<CronFiring> logger)
{
    const int MostAtOnce = 500;

    /// <summary>A fire's run starts right after its commit; what has not by then was left by a crash, or waits in a queue.</summary>
    static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(2);

    static readonly ParallelOptions Few = new() { MaxDegreeOfParallelism = 4 };

    bool hasBegun;

    /// <summary>Fires what is past due, and starts what was left: one look where there is nothing to do.</summary>
    public async Task Sweep()
    {
        if (!hasBegun)
        {
            if (!await store.Any())
                return;
            hasBegun = true;
            begin();
        }

        var now = time.GetUtcNow();
        var work = await store.Work(now, MostAtOnce, now - StartsWithin);
        await Parallel.ForEachAsync(work.Due, Few, async (key, _) => await Try(key, () => Fire(key)));
        await Parallel.ForEachAsync(work.Unstarted, Few, async (key, _) => await Try(key, () => starter.Start(key)));
    }

    /// <summary>A trigger's times up to now, unless somebody else has the turn.</summary>
    public Task Fire(TriggerKey key) => Turn(key, waits: false, FireDecision.OfDue, default);

    /// <summary>Lets a trigger rest, or fire again; false where it is gone.</summary>
    public Task<bool> Pause(TriggerKey key, bool paused, CancellationToken stop) => Turn(key, waits: true, paused ? FireDecision.Pause : FireDecision.Resume, stop);

    /// <summary>Starts a run now, whatever the schedule and the trigger's other runs; null where the job is gone.</summary>
    public async Task<Run?> FireNow(TriggerRow row, CancellationToken stop)
    {
        var key = new TriggerKey(row.OrgId, row.Id);
        var now = time.GetUtcNow();
        var fire = Fires.Fire.Now(row.Id, now);
        while (!await store.Add(key, row.Job, fire, now, stop))
            fire = Fires.Fire.Now(row.Id, fire.NominalAt.AddMilliseconds(1));
        return await starter.Begin(key, row.Job, CronTrigger.Of(row.Settings), new(fire.NominalAt, fire.RunId!.Value, ByHand: true, IsStarted: false, HasEnded: false));
    }

    async Task<bool> Turn(TriggerKey key, bool waits, Func<CronState, DateTimeOffset, FireDecision?> decide, CancellationToken stop)
    {
        if (await store.Turn(key, waits, state => decide(state, Now()), Now, stop) is not { } decision)
            return false;
        wake(key, decision.NextAt);
        if (decision.Fires.Any(x => x.RunId is not null))
            await Try(key, () => starter.Start(key));
        return true;
    }

    /// <summary>In whole milliseconds, as it is kept.</summary>
    DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    async Task Try(TriggerKey key, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception exception)
        {
            // One trigger's trouble is not the others', and the next round does what this one could not.
            Failed(key.Id, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The trigger {Trigger} could not fire, and is tried again: {Reason}")]
    partial void Failed(string trigger, string reason);
}
