namespace ReactorJobs.Tests.Simulation.Defects;

/// <summary>A mistake that someone could make in shipped code: one snippet of one file, and what stands there instead.</summary>
/// <param name="File">From the repository's root.</param>
public sealed record Defect(string Name, string File, string Snippet, string Replacement)
{
    const string Engine = "services/executor/Attempts/AttemptEngine.cs";
    const string First = "services/executor/Dispatch/UncontestedAttempts.cs";
    const string Rules = "services/executor/Attempts/AttemptRules.cs";
    const string Verbs = "services/scheduler/Runs/RunVerbs.cs";
    const string Machine = "services/scheduler/Runs/RunStateMachine.cs";
    const string Session = "services/scheduler/Committing/RunSession.cs";
    const string Group = "services/scheduler/Committing/RunGroup.cs";
    const string Item = "services/scheduler/Committing/RunItem.cs";

    public static readonly Defect[] All =
    [
        new("checkpoints are not fenced", Rules, "        if (lease?.Epoch != epoch)\n            return Verdict.Superseded;", "        if (lease is null)\n            return Verdict.Superseded;"),
        new("a claim takes an older epoch", Rules, "if (lease?.Epoch > epoch || latest?.Epoch > epoch)", "if (epoch < 0)"),
        new("a repeated checkpoint is not known again", Rules, "if (existing is { } own && own.Epoch == epoch)", "if (existing is { } own && own.Epoch == -1)"),
        new("an ended attempt is not told again", Engine, "if (item.Decision == ClaimDecision.Ended)", "if (item.Epoch < 0)"),
        new("workers are answered although the commit failed", Engine, "await transaction.Commit(changes);", "try { await transaction.Commit(changes); } catch (IOException) { }"),
        new("events leave before the commit", Engine, "await transaction.Commit(changes);", "outbox.Publish(changes.Outbox); await transaction.Commit(changes);"),
        new("a refused checkpoint schedules all the same", Engine, "            item.Verdict = verdict;\n            return;\n        }\n\n        DateTimeOffset? due",
            "            item.Verdict = verdict;\n            changes.Outbox.AddRange((write.Schedules ?? []).Select(x => AttemptMessages.Scheduled(item.Key, x, now)));\n            return;\n        }\n\n        DateTimeOffset? due"),
        new("clients are answered although the commit failed", Group, "await transaction.Commit(changes);", "try { await transaction.Commit(changes); } catch (IOException) { }"),
        new("a group whose rows are others is told as committed", Group, "                return false;\n", "                return true;\n"),
        new("an executor that was silent stays gone", "services/scheduler/Reconciling/Reconciler.cs", "capacity.Remove(instance); // its attempts", "lock (gone) { capacity.Remove(instance); gone.Add(instance); } // its attempts"),
        new("a handed-back dispatch does not repeat its outcome", Rules, "(item.Unclaimed is not null && latest.Ending.Outcome != AttemptOutcomes.Cancelled)", "item.Epoch < 0"),
        new("an old dispatch begins without its lease", First, "Uptime.TotalMilliseconds - asOf < Trust.TotalMilliseconds", "asOf >= 0"),
        new("a copy of a dispatch begins without its lease", First, "return false;\n        order.Enqueue", "return true;\n        order.Enqueue"),
        new("a journal is known although a commit only seemed to fail", Engine, "journals.Doubt(item.Key);", "_ = item.Key;"),
        new("a lease is assumed after a commit that only seemed to fail", Engine, "journals.Distrust(item.Key);", "_ = item.Key;"),
        new("attempts whose leases are others are told as committed", Engine, "                return false;\n", "                return true;\n"),
        new("a journal is known that another executor has written to", "services/executor/Attempts/KnownJournals.cs", "node.Value.Epoch == epoch ?", "node.Value.Epoch <= epoch ?"),
        new("a journal counts as the newest attempt's", "services/executor/Attempts/KnownJournals.cs", "newest?.Epoch != journal.Epoch ||", "newest is null ||"),
        new("a claim goes in after the write it is for", "services/executor/Attempts/AttemptInbox.cs", "            Flush(item.Key);\n            post(item);", "            post(item);\n            Flush(item.Key);"),
        new("any epoch's outcome applies", Verbs, "context.Saga.Epoch == epoch;", "epoch > 0;"),
        new("any timer wakes a run", Verbs, "context.Saga.Epoch == context.Message.Epoch && context.Saga.WakeAt == context.Message.DueAt;", "context.Message.Epoch >= 0;"),
        new("a dispatch does not raise the epoch", Verbs, "run.Epoch++;", "run.Epoch = Math.Max(1, run.Epoch);"),
        new("a cancel overwrites an end", Machine, "Ignore(Lost), Ignore(Due), Ignore(Cancel));", "Ignore(Lost), Ignore(Due));\n        During([Completed, Failed, Cancelled], When(Cancel).End().TransitionTo(Cancelled));"),
        new("an outcome overwrites a cancel", Machine, "Ignore(Resend), Ignore(Finished), Ignore(Suspended), Ignore(Lost), Ignore(Due), Ignore(Cancel));",
            "Ignore(Resend), Ignore(Suspended), Ignore(Lost), Ignore(Due), Ignore(Cancel));\n        During([Completed, Failed], Ignore(Finished));\n        During(Cancelled, When(Finished, x => x.IsCurrent(x.Message.Epoch)).Complete().TransitionTo(Completed));"),
        new("timers are not cleared", Session, "changes.TimersCleared.Add(key);", "_ = key;"),
        new("a counter misses one way", Session, "{ IsRunning: true } => (1, 1),", "{ IsRunning: true, Losses: > 0 } => (1, 0),\n        { IsRunning: true } => (1, 1),"),
        new("idempotency keys are forgotten", Item, "session.Remember(used, new(Run.Id, fingerprint!, session.IdempotencyExpiry));", "_ = used;"),
        new("a lost attempt is not queued again", "services/scheduler/Reconciling/Reconciler.cs", "            if (IsGone(run.Executor))\n                post(Lost(run));\n            else if", "            if"),
        new("messages count as confirmed before they are", "shared/Hosting/Bus/Outbox.cs", "            await publish(message);\n            confirmed.Enqueue(new(message.OrgId, message.Id));",
            "            confirmed.Enqueue(new(message.OrgId, message.Id));\n            await publish(message);"),
        new("an event that is known is delivered again", "services/events/Routing/EventRouting.cs", "            answers.Add(stored);",
            "            else\n                foreach (var again in facts.Subscriptions[new(emitted.OrgId, emitted.Topic)])\n                    starts.Add(Start(stored, Deliver(stored, again, now) with { RunId = new(newMessageId()) }));\n            answers.Add(stored);"),
        new("an event's id is made anew", "services/executor/Attempts/AttemptMessages.cs", "OutboxMessage.For(id.Value, key.OrgId, Queues.Events, new EventEmitted(key.OrgId, id,", "OutboxMessage.For(id.Value, key.OrgId, Queues.Events, new EventEmitted(key.OrgId, new(default),"),
    ];
}
