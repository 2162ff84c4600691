using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Fires;

/// <summary>
/// Starts the runs of fires that the ledger holds. Runs have the ids that follow from their fires, and are accepted once, whoever asks for them
/// and however often: a crash between the ledger and the run only means that somebody asks again.
/// </summary>
public sealed partial class FireStarter(FireStore store, Func<RunItem, Task> take, TimeProvider time, ILogger<FireStarter> logger)
{
    // Triggers with fires that wait for the end of a run, as far as this process knows.
    readonly ConcurrentDictionary<TriggerKey, bool> waiting = new();

    /// <summary>Goes on with queues whose run has ended.</summary>
    public void Tell(RunsCommitted committed)
    {
        if (waiting.IsEmpty)
            return;
        foreach (var (_, run) in committed.Changed)
            if (run is { IsFinal: true, Trigger: { Kind: TriggerKinds.Cron, Id: { } id } } && new TriggerKey(run.OrgId, id) is var key && waiting.ContainsKey(key))
                _ = Task.Run(() => TryStart(key));
    }

    /// <summary>Does what is to be done about a trigger's open fires.</summary>
    public async Task Start(TriggerKey key)
    {
        while (await store.Open(key) is { } open)
        {
            if (open.Settings is not { } settings)
            {
                await store.Omitted(key, open.Fires.Where(x => !x.IsStarted), "the trigger was deleted");
                await store.Ended(key, open.Fires.Where(x => x.IsStarted));
                continue;
            }

            var starts = FireStarts.Of(settings.Overlap, open.Fires);
            if (starts.Wait > 0)
                waiting[key] = true;
            else
                waiting.TryRemove(key, out _);
            if (starts.Ended.Count > 0)
                await store.Ended(key, starts.Ended);
            await Task.WhenAll(starts.Cancel.Select(x => take(new LocalItem<CancelRun>(
                new(key.OrgId, open.Job), new(key.OrgId, x.RunId), new(key.OrgId, x.RunId, open.Job), machine => machine.Cancel, mayFreeSlot: true))));
            if (starts.Replaced.Count > 0)
            {
                // Somebody may be about to start them still: then they find that they were cancelled. Or somebody has, and died before saying so.
                var replaced = starts.Replaced.Select(x => (Fire: x, Item: new CancelAhead(new(key.OrgId, open.Job), new(key.OrgId, x.RunId)))).ToArray();
                await Task.WhenAll(replaced.Select(x => take(x.Item)));
                if (replaced.Where(x => x.Item.After?.StartedAt is not null).Select(x => x.Fire).ToArray() is { Length: > 0 } begun)
                    await store.Started(key, begun, isOpen: true, time.GetUtcNow());
                await store.Omitted(key, starts.Replaced, "the next one has taken its place before it started");
            }

            if (starts.Begin.Count > 0)
                await Begin(key, open.Job, settings, starts.Begin);
            if (open.Fires.Count < FireStore.MostOpen)
                return;
            if (starts.Begin.Count + starts.Ended.Count + starts.Replaced.Count == 0)
                return;
        }

        waiting.TryRemove(key, out _);
    }

    /// <summary>Starts a run, and gives it as it is after that; null where the job is gone.</summary>
    public async Task<Run?> Begin(TriggerKey key, string job, CronTrigger settings, OpenFire fire)
    {
        var item = Accept(key, job, settings, fire);
        await take(item);
        if (item.Result == Acceptance.JobNotFound)
            await store.Omitted(key, [fire], "the job was deleted");
        else
            await store.Started(key, [fire], settings.Overlap != Overlap.Allow, time.GetUtcNow());
        return item.After;
    }

    async Task Begin(TriggerKey key, string job, CronTrigger settings, IReadOnlyList<OpenFire> fires)
    {
        var items = fires.Select(x => Accept(key, job, settings, x)).ToArray();
        await Task.WhenAll(items.Select(take));
        if (items[0].Result == Acceptance.JobNotFound)
            await store.Omitted(key, fires, "the job was deleted");
        else
            await store.Started(key, fires, settings.Overlap != Overlap.Allow, time.GetUtcNow());
    }

    /// <summary>It queues over the job's limits (semantics 2), and waits for its jitter.</summary>
    static AcceptItem Accept(TriggerKey key, string job, CronTrigger settings, OpenFire fire)
    {
        var runAt = fire.NominalAt + (fire.ByHand ? TimeSpan.Zero : Jitter.DelayOf(key.Id, fire.NominalAt, settings.Jitter, settings.Schedule.Next(fire.NominalAt)?.At));
        var detail = new JsonObject { ["nominal_at"] = ApiJson.Text(fire.NominalAt) };
        if (fire.ByHand)
            detail["by_hand"] = true;
        var trigger = new RunTrigger(TriggerKinds.Cron, key.Id, RawJson.Trusted(detail.ToJsonString()));
        return new(new(key.OrgId, job), new(key.OrgId, fire.RunId), found => new AcceptRun(key.OrgId, fire.RunId, found, settings.Payload, trigger) { RunAt = runAt, Priority = settings.Priority });
    }

    async Task TryStart(TriggerKey key)
    {
        try
        {
            await Start(key);
        }
        catch (Exception exception)
        {
            // The sweep does it.
            StartFailed(key.Id, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What waits for a run of {Trigger} to end was not started, and is tried again: {Reason}")]
    partial void StartFailed(string trigger, string reason);
}
