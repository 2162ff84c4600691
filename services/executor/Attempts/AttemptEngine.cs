using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Executor.Attempts;

/// <summary>
/// Decides groups of work on attempts, each in one transaction. What this executor has written last is not read again but assumed
/// (<see cref="Assumptions"/>), and compared by the commit. Doing a group again is harmless and gives the same answers, because a
/// commit that fails may have happened.
/// </summary>
public sealed class AttemptEngine(IAttemptStore store, Outbox outbox, KnownJournals journals, TimeProvider time, IdSource ids, Guid instance)
{
    /// <summary>Of entries that no attempt of the run has written.</summary>
    const int NoEpoch = 0;

    public async Task Process(IReadOnlyList<AttemptItem> items)
    {
        var query = AttemptGroup.QueryFor(items);
        var confirmed = outbox.TakeConfirmed();
        try
        {
            if (query.Leases.Count == 0 && confirmed.Count == 0)
                return;
            foreach (var key in confirmed)
                query.Orgs.Add(key.OrgId);
            if (Assumptions.For(items, journals) is not { } assumed || !await TryAssuming(assumed))
                await Commit(await store.Open(query));
        }
        catch
        {
            foreach (var item in items)
                journals.Distrust(item.Key);
            outbox.Return(confirmed);
            throw;
        }

        async Task<bool> TryAssuming(AttemptSnapshot assumed)
        {
            try
            {
                await Commit(store.Assume(query, assumed));
                return true;
            }
            catch (StaleRead)
            {
                return false;
            }
        }

        async Task Commit(IAttemptTransaction opened)
        {
            var now = Now();
            var changes = new AttemptChanges { Orgs = query.Orgs, Confirmed = confirmed, At = now };
            await using (var transaction = opened)
            {
                var group = new AttemptGroup(transaction.Snapshot);
                foreach (var item in items)
                    Decide(item, group, changes, now);
                group.AddLeases(changes);
                await transaction.Commit(changes);
                Remember(items, group);
            }

            outbox.Forget(confirmed);
            outbox.Publish(changes.Outbox);
        }
    }

    void Decide(AttemptItem item, AttemptGroup group, AttemptChanges changes, DateTimeOffset now)
    {
        switch (item)
        {
            case ClaimItem claim:
                Claim(claim, group[item.Key], group, changes, now);
                break;
            case CheckpointItem checkpoint:
                Checkpoint(checkpoint, group[item.Key], changes, now);
                break;
            case EndItem end:
                End(end, group[item.Key], changes, now);
                break;
            case CancelItem:
                Cancel(item, group[item.Key], changes, now);
                break;
        }
    }

    void Claim(ClaimItem item, RunView run, AttemptGroup group, AttemptChanges changes, DateTimeOffset now)
    {
        var command = item.Command;
        item.Decision = AttemptRules.Claim(item.Epoch, instance, run.Lease, run.Latest);
        if (item.Decision == ClaimDecision.Ended)
            changes.Outbox.Add(AttemptMessages.Outcome(item.RepeatId ??= ids.Next(), run.Latest!));
        if (item.Decision != ClaimDecision.Claimed)
            return;

        // The older attempt is fenced off by the new lease; its own end, if it ever comes, will be refused.
        if (run.Lease is { } older && older.Epoch < item.Epoch)
            End(run, changes, Of(older, now, Ending.Lost));
        var begins = item.Known is null ? now : item.ClaimedAt;
        run.Lease ??= new(item.Key, item.Epoch, command.Attempt, command.Job, command.Handler, instance, item.Worker, begins, Lease.DeadlineOf(begins, command.TimeoutMs));

        if (item.Known is null && command.Shares is { } shared && run.Journal().Count == 0)
            foreach (var entry in group[new(item.Key.OrgId, shared)].Journal())
                Write(run, changes, entry with { Epoch = NoEpoch, Topics = null });
        item.Journal = item.Known ?? run.Journal();
        item.ClaimedAt = run.Lease.ClaimedAt;
    }

    void Checkpoint(CheckpointItem item, RunView run, AttemptChanges changes, DateTimeOffset now)
    {
        var write = item.Write;
        item.Entry = null;
        var bytes = journals.BytesOf(item.Key) + run.AddedBytes;
        if (AttemptRules.Checkpoint(item.Epoch, write, run.Lease, run.Journaled(write.Key), bytes) is { } verdict)
        {
            item.Verdict = verdict;
            return;
        }

        DateTimeOffset? due = write.SleepMs is { } sleep ? now.AddMilliseconds(sleep) : null;
        Write(run, changes, item.Entry = new(
            write.Key, item.Epoch, run.Lease!.Attempt, write.Output, write.State, due, write.StartedAt, write.DurationMs, write.Events?.Select(x => x.Topic).ToArray()));
        for (var i = 0; i < write.Events?.Count; i++)
            changes.Outbox.Add(AttemptMessages.Emitted(item.Key, write.Key, i, write.Events[i], now));
        foreach (var start in write.Schedules ?? [])
            changes.Outbox.Add(AttemptMessages.Scheduled(item.Key, start, now));
        item.Verdict = Verdict.Ack(due);
    }

    static void End(EndItem item, RunView run, AttemptChanges changes, DateTimeOffset now)
    {
        var verdict = AttemptRules.End(item, run.Lease, run.Latest, run.Journaled);
        item.Verdict = verdict ?? Verdict.Ack();
        if (!item.Verdict.IsAck)
            return;
        if (verdict is null)
            End(run, changes, run.Lease is { } lease && lease.Epoch == item.Epoch
                ? Of(lease, now, item.Ending) with { Waits = run.Waits(item.Ending) }
                : new(item.Key, item.Epoch, item.Unclaimed!.Attempt, item.Unclaimed.Job, "", now, now, item.Ending));
        if (!item.Silent)
            changes.Outbox.Add(AttemptMessages.Outcome(AttemptMessages.OutcomeIdOf(item.Key, item.Epoch), run.Latest!));
    }

    static void Cancel(AttemptItem item, RunView run, AttemptChanges changes, DateTimeOffset now)
    {
        item.Verdict = Verdict.Ack();
        if (run.Lease is { } lease && lease.Epoch <= item.Epoch)
            End(run, changes, Of(lease, now, Ending.Cancelled));
        if (run.Lease is null && (run.Latest is null || run.Latest.Epoch < item.Epoch))
            End(run, changes, new(item.Key, item.Epoch, 0, "", "", now, now, Ending.Cancelled));
    }

    static void Write(RunView run, AttemptChanges changes, JournalEntry entry)
    {
        run.Add(entry);
        changes.Entries.Add((run.Key, entry));
    }

    static void End(RunView run, AttemptChanges changes, EndedAttempt ended)
    {
        run.End(ended);
        changes.Ended.Add(ended);
    }

    static EndedAttempt Of(Lease lease, DateTimeOffset now, Ending ending) =>
        new(lease.Key, lease.Epoch, lease.Attempt, lease.Job, lease.Worker, lease.ClaimedAt, now, ending);

    void Remember(IReadOnlyList<AttemptItem> items, AttemptGroup group)
    {
        foreach (var item in items)
        {
            if (item.Verdict.Code == RefuseCodes.Superseded)
                FencedWrites.Count(group[item.Key] is var now && (now.Lease?.Epoch > item.Epoch || now.Latest?.Epoch > item.Epoch));
            if (item is ClaimItem { Decision: ClaimDecision.Claimed } claim)
                journals.Begin(item.Key, item.Epoch, claim.Journal, group[item.Key].Lease);
            else if (item is CheckpointItem { Entry: { } entry })
                journals.Add(item.Key, entry);
            else if (item is CheckpointItem { Verdict.IsAck: true })
                journals.Doubt(item.Key);
        }

        foreach (var item in items)
            if (item is not FlushOutboxItem && group[item.Key] is var run && run.Lease?.Instance != instance)
                journals.End(item.Key, run.Latest);
    }

    /// <summary>In whole milliseconds, which is what the store keeps and the API shows.</summary>
    DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
}
