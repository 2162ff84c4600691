using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Tests.Executor;
using ReactorJobs.Tests.Simulation.RunStore;
using ReactorJobs.Tests.Simulation.Worlds;
using AttemptKey = ReactorJobs.Executor.Attempts.RunKey;
using RunKey = ReactorJobs.Scheduler.Committing.RunKey;

namespace ReactorJobs.Tests.Simulation.Checking;

/// <summary>Watches every commit and every answer while a world runs; the first thing that must not be ends the world.</summary>
public sealed class Checker
{
    /// <summary>Its runs start when nothing fails any more.</summary>
    public const string LateJob = "job-long";

    /// <summary>What handlers schedule: its own schedules nothing.</summary>
    public const string ScheduledJob = "job-e";

    readonly World world;
    readonly InMemoryRunStore runs;
    readonly InMemoryAttemptStore attempts;
    readonly Dictionary<(AttemptKey, string, int), RawJson> made = [];
    int counter;

    public Checker(World world, InMemoryRunStore runs, InMemoryAttemptStore attempts)
    {
        (this.world, this.runs, this.attempts) = (world, runs, attempts);
        runs.Committed += RunCommitted;
        runs.Changed += _ => CountersAgree();
    }

    /// <summary>What went wrong first; null when nothing did.</summary>
    public string? Broken { get; private set; }

    public HashSet<RunKey> Cancelled { get; } = [];
    public HashSet<RunKey> CancelsTried { get; } = [];
    public HashSet<RunKey> Accepted { get; } = [];
    public Dictionary<IdempotencyKey, RunId> Keys { get; } = [];

    /// <summary>The events that committed entries emitted, each with its org and topic.</summary>
    public List<(string OrgId, string Topic, RawJson Payload)> Emitted { get; } = [];

    /// <summary>The runs that committed entries scheduled.</summary>
    public HashSet<RunKey> Scheduled { get; } = [];

    public void Fail(string what)
    {
        if (Broken is not null)
            return;
        Broken = what;
        world.Say($"VIOLATION: {what}");
    }

    void Must(bool holds, Func<string> what)
    {
        if (!holds)
            Fail(what());
    }

    public RawJson NewOutput(AttemptKey key, string entry, int epoch) => RawJson.Trusted($"{{\"org\":\"{key.OrgId}\",\"entry\":\"{entry}\",\"epoch\":{epoch},\"n\":{counter++}}}");

    public RawJson NewEvent(AttemptKey key, string entry, int epoch) =>
        made[(key, entry, epoch)] = RawJson.Trusted($"{{\"org\":\"{key.OrgId}\",\"run\":\"{key.Run}\",\"entry\":\"{entry}\",\"n\":{counter++}}}");

    // The executors.

    public void Handed(string orgId, ExecuteRun command) => Must(
        command.OrgId == orgId && command.Payload.ToString().Contains($"\"org\":\"{orgId}\"", StringComparison.Ordinal), () => $"{command.RunId} of {command.OrgId} came to a worker of {orgId}");

    public void StepStarted(AttemptKey key, string entry, int epoch) => Must(
        !(Entry(key, entry) is { } known && known.Epoch <= epoch), () => $"{entry} of {key.Run}/{epoch} starts although it is journaled");

    public void Acknowledged(AttemptKey key, string entry, RawJson output) => Must(
        Entry(key, entry) is { } stored && stored.Output == output, () => $"{entry} of {key.Run} was acknowledged and is not what is stored");

    public void Answered(AttemptKey key, int epoch, Verdict verdict) => Must(
        !verdict.IsAck || attempts.Ended.Any(x => x.Key == key && x.Epoch == epoch), () => $"the end of {key.Run}/{epoch} was acknowledged and is not stored");

    public void Refused(AttemptKey key, string entry, int epoch, Verdict verdict) => Fail($"{entry} of {key.Run}/{epoch} was refused: {verdict.Code} {verdict.Message}");

    /// <summary>Only the newest attempt writes, and only until its end; what is written stays.</summary>
    public void Committing(AttemptChanges changes)
    {
        foreach (var (key, entry) in changes.Entries)
        {
            Must(Entry(key, entry.Key) is null, () => $"{entry.Key} of {key.Run} is written twice");
            if (entry.Epoch == 0)
                continue;
            MayWrite(key, entry.Epoch, $"{entry.Key}");
            Must(!attempts.Ended.Any(x => x.Key == key && x.Epoch >= entry.Epoch), () => $"{entry.Key} of {key.Run}/{entry.Epoch} is written after the attempt's end");
            foreach (var topic in entry.Topics ?? [])
                Emitted.Add((key.OrgId, topic, made[(key, entry.Key, entry.Epoch)]));
        }

        foreach (var message in changes.Outbox.Where(x => x.Queue == Queues.Starts))
            Must(changes.Entries.Count > 0 && Scheduled.Add(new(message.OrgId, new(message.Id))), () => $"{new RunId(message.Id)} is scheduled twice, or by nothing");
        foreach (var ended in changes.Ended)
            MayWrite(ended.Key, ended.Epoch, "the end");
        foreach (var lease in changes.Claimed)
        {
            MayWrite(lease.Key, lease.Epoch, "the lease");
            Must(!attempts.Ended.Any(x => x.Key == lease.Key && x.Epoch >= lease.Epoch), () => $"{lease.Key.Run}/{lease.Epoch} is claimed after an end");
        }
    }

    void MayWrite(AttemptKey key, int epoch, string what) => Must(
        !attempts.Leases.TryGetValue(key, out var lease) || epoch >= lease.Epoch, () => $"{what} of {key.Run}/{epoch} is written under a newer attempt's lease");

    JournalEntry? Entry(AttemptKey key, string entry)
    {
        foreach (var known in attempts.JournalOf(key))
            if (known.Key == entry)
                return known;
        return null;
    }

    // The scheduler.

    void RunCommitted(Run? before, Run after)
    {
        world.Say($"run {after.Id} is {after.Status}/{after.Epoch}");
        if (before is null)
            return;
        Must(!before.IsFinal, () => $"{after.Id} was {before.Status} and is {after.Status}");
        Must(after.Job != LateJob || after.Losses == 0, () => $"{after.Id} was lost although nothing failed");
        Must(after.Epoch >= before.Epoch, () => $"{after.Id} went from epoch {before.Epoch} to {after.Epoch}");
        if (after.IsRunning && !(before.IsRunning && before.DispatchedAt == RunConstraints.Stored(after).DispatchedAt))
            Must(after.Epoch > before.Epoch, () => $"{after.Id} is dispatched again under epoch {after.Epoch}");
    }

    void CountersAgree()
    {
        foreach (var (key, load) in runs.Loads)
        {
            if (key.Name.Length == 0)
                continue;
            var (due, running) = (0, 0);
            foreach (var run in runs.Runs.Values)
                if (run.JobKey == key)
                {
                    due += run.IsWaiting || run.IsRunning ? 1 : 0;
                    running += run.IsRunning ? 1 : 0;
                }

            Must(load == (due, running), () => $"{key} counts {load}, and there are {(due, running)}");
            Must(running <= runs.Jobs[key].MaxConcurrency, () => $"{key} runs {running} at once");
        }
    }

    public void OutcomeTaken(RunKey key, int epoch, Run? before, Run? after) => Must(
        before is null || before.Epoch == epoch || IsSame(before, after!), () => $"the outcome of {key.Id}/{epoch} changed epoch {before!.Epoch}");

    public void TimerTaken(RunTimer timer, Run? before, Run? after)
    {
        if (before is null)
            return;
        var awaited = before.Epoch == timer.Epoch && before.WakeAt == timer.DueAt;
        Must(awaited || IsSame(before, after!), () => $"a timer of {timer.RunId}/{timer.Epoch} woke a run that does not wait for it");
        Must(awaited || before.Epoch != timer.Epoch || !((before.WakeAt - timer.DueAt)?.Duration() < TimeSpan.FromMilliseconds(1)),
            () => $"the timer of {timer.RunId}/{timer.Epoch} at {timer.DueAt:O} misses its run at {before.WakeAt:O}");
    }

    static bool IsSame(Run a, Run b) => a.CurrentState == b.CurrentState && a.Epoch == b.Epoch && a.Due == b.Due && a.WakeAt == b.WakeAt;

    // The clients.

    public void RunAccepted(RunKey run, IdempotencyKey? key)
    {
        Must(runs.Runs.ContainsKey(run), () => $"{run.Id} was accepted and is not stored");
        Accepted.Add(run);
        if (key is not { } used)
            return;
        Must(!Keys.TryGetValue(used, out var first) || first == run.Id, () => $"the key {used.Key} means two runs");
        Keys[used] = run.Id;
    }

    public void CancelAnswered(RunKey run, Run? before, Run? after)
    {
        Must(after is not null == runs.Runs.ContainsKey(run), () => $"the cancel of {run.Id} was answered as if it were not there");
        if (after is null)
            return;
        Must(after.IsFinal && (before!.IsFinal || after.Status == RunStatus.Cancelled), () => $"the cancel of {run.Id} left it {after.Status}");
        if (after.Status == RunStatus.Cancelled)
            Cancelled.Add(run);
    }
}
