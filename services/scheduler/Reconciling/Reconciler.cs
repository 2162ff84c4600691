using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Reconciling;

/// <summary>
/// Finds what has stalled, whatever the bus lost: dispatches without an outcome, attempts of executors that are gone, runs that wait while
/// there is room, messages that were not confirmed.
/// </summary>
public sealed class Reconciler(
    IRunStore store, Capacity capacity, Backlog backlog, Outbox outbox, BusHearing hearing, SchedulerOptions options, TimeProvider time, Action<RunItem> post)
{
    const int MostAtOnce = 5_000;
    static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    static readonly TimeSpan OutboxIsLate = TimeSpan.FromSeconds(5);

    readonly Dictionary<(RunId, int), (DateTimeOffset Next, TimeSpan Pause)> resends = [];
    readonly HashSet<Guid> gone = [];
    int heard;

    /// <summary>Hears an executor: what it can run, and which instances it replaces.</summary>
    public async Task Hear(ExecutorAdvertised advertised)
    {
        lock (gone)
            if (gone.Contains(advertised.Instance))
                return; // a late word of one that has been replaced
        var grown = capacity.Advertise(advertised, time.GetTimestamp(), out var isNew);
        var replaced = new HashSet<Guid>();
        lock (gone)
            foreach (var instance in advertised.Replaces ?? [])
                if (gone.Add(instance))
                    replaced.Add(instance);
        foreach (var instance in replaced)
            capacity.Remove(instance);

        if (isNew || replaced.Count > 0)
            foreach (var run in await store.ReadDispatched(time.GetUtcNow() + options.ResendAfter, int.MaxValue))
                if (replaced.Contains(run.Executor))
                    post(Lost(run));
                else if (run.Executor == advertised.Instance)
                    capacity.Hold(run.Executor, run.OrgId, run.Handler, run.RunId, run.Epoch, time.GetTimestamp());
        if (grown)
            post(new LookForWork());
    }

    /// <summary>Hears another scheduler.</summary>
    public void Hear(RunsEnded ended)
    {
        capacity.Release(ended.Attempts);
        if (backlog.Jobs > 0)
            post(new LookForWork());
    }

    public async Task Sweep()
    {
        var now = time.GetUtcNow();
        if (HasHeardLongEnough)
            foreach (var instance in capacity.SilentSince(Ago(options.ExecutorDeadAfter)))
                capacity.Remove(instance); // its attempts are lost as long as it stays silent
        if (heard != hearing.Times)
        {
            // The bus is back: what it lost is not to wait out the pauses that grew meanwhile.
            heard = hearing.Times;
            resends.Clear();
        }

        await Dispatches(now);
        foreach (var job in await store.ReadWaitingJobs())
            backlog.Learn(job);
        if (backlog.Jobs > 0)
            post(new LookForWork());
        await Outbox(now);
    }

    /// <summary>A quiet service still deletes what the broker has confirmed.</summary>
    public void Flush()
    {
        if (outbox.HasConfirmed)
            post(new LookForWork());
    }

    async Task Dispatches(DateTimeOffset now)
    {
        var longAgo = Ago(options.ResendAfter * 2);
        var stalled = await store.ReadDispatched(now - options.ResendAfter, MostAtOnce);
        if (stalled.Count < MostAtOnce)
            capacity.ReleaseOthers(stalled.Select(run => (run.OrgId, run.RunId)).ToHashSet(), longAgo);
        var seen = new HashSet<(RunId, int)>();
        foreach (var run in stalled)
        {
            seen.Add((run.RunId, run.Epoch));
            if (IsGone(run.Executor))
                post(Lost(run));
            else if (capacity.IsAlive(run.Executor))
                Resend(run, now);
        }

        foreach (var key in resends.Keys.Where(key => !seen.Contains(key)).ToArray())
            resends.Remove(key);
    }

    long Ago(TimeSpan ago) => time.GetTimestamp() - (long)(ago.TotalSeconds * time.TimestampFrequency);

    // An executor this process has never heard of may only not have spoken yet.
    bool IsGone(Guid executor)
    {
        lock (gone)
            if (gone.Contains(executor))
                return true;
        return !capacity.IsAlive(executor) && HasHeardLongEnough;
    }

    // Who hears nothing cannot tell who is silent.
    bool HasHeardLongEnough => hearing.Since is { } since && time.GetElapsedTime(since) > options.ExecutorDeadAfter;

    void Resend(StalledRun run, DateTimeOffset now)
    {
        var key = (run.RunId, run.Epoch);
        if (resends.TryGetValue(key, out var resend) && now < resend.Next)
            return;
        var pause = resend.Pause == default ? options.ResendAfter : resend.Pause * 2;
        if (pause > LongestPause)
            pause = LongestPause;
        resends[key] = (now + pause, pause);
        post(new LocalItem<ResendRun>(new(run.OrgId, run.Job), new(run.OrgId, run.RunId), new(run.OrgId, run.RunId, run.Epoch), machine => machine.Resend));
    }

    async Task Outbox(DateTimeOffset now)
    {
        var left = (await store.ReadOutbox(now - OutboxIsLate, MostAtOnce)).ToLookup(message => IsWorthless(message, now));
        outbox.Drop(left[true]);
        outbox.Publish(left[false].Where(message => !outbox.IsUnderWay(message.Id)));
    }

    // Nobody reads the queue of an executor that is gone.
    bool IsWorthless(OutboxMessage message, DateTimeOffset now) =>
        message.ExpiresAt < now || (Queues.IsExecutor(message.Queue, out var instance) && IsGone(instance));

    static LocalItem<AttemptLost> Lost(StalledRun run) => new(
        new(run.OrgId, run.Job), new(run.OrgId, run.RunId), new(run.OrgId, run.RunId, run.Epoch), machine => machine.Lost, mayFreeSlot: true);
}
