using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Attempts;

/// <summary>Decides what an attempt may do. Nothing here reads a clock, a store or a connection.</summary>
public static class AttemptRules
{
    public const int KeyLength = 512;

    /// <summary>
    /// A lease of the same epoch and instance is this claim's own, from a commit that only seemed to fail: one dispatch is not claimed twice,
    /// because the dispatcher knows what it runs.
    /// </summary>
    public static ClaimDecision Claim(int epoch, Guid instance, Lease? lease, EndedAttempt? latest)
    {
        if (lease?.Epoch > epoch || latest?.Epoch > epoch)
            return ClaimDecision.Superseded;
        if (latest?.Epoch == epoch)
            return latest.Ending.Outcome == AttemptOutcomes.Cancelled ? ClaimDecision.Superseded : ClaimDecision.Ended;
        return lease?.Epoch == epoch && lease.Instance != instance ? ClaimDecision.Superseded : ClaimDecision.Claimed;
    }

    /// <summary>Null when the entry is to be written.</summary>
    public static Verdict? Checkpoint(int epoch, CheckpointWrite write, Lease? lease, EntryMark? existing, long journalBytes)
    {
        // What is committed stays acknowledged, also when the attempt has ended since: its first commit may have only seemed to fail.
        if (existing is { } own && own.Epoch == epoch)
            return Verdict.Ack(own.DueAt);
        if (lease?.Epoch != epoch)
            return Verdict.Superseded;
        return existing is null
            ? Size(write, journalBytes)
            : new(RefuseCodes.Duplicate, $"\"{write.Key}\" is in the journal already, and this attempt did not write it.");
    }

    static Verdict? Size(CheckpointWrite write, long journalBytes)
    {
        if (write.Output.Length > Limits.OutputBytes)
            return TooLarge($"The output of \"{write.Key}\"", write.Output.Length, Limits.OutputBytes);
        if (write.LargestStateValue > Limits.StateValueBytes)
            return TooLarge($"A state value in \"{write.Key}\"", write.LargestStateValue, Limits.StateValueBytes);
        foreach (var emitted in write.Events ?? [])
            if (emitted.Payload.Length > Limits.PayloadBytes)
                return TooLarge($"The payload of event \"{emitted.Topic}\" in \"{write.Key}\"", emitted.Payload.Length, Limits.PayloadBytes);
        foreach (var start in write.Schedules ?? [])
            if (start.Args.Length > Limits.PayloadBytes)
                return TooLarge($"The args of \"{start.Job}\" in \"{write.Key}\"", start.Args.Length, Limits.PayloadBytes);
        var journal = journalBytes + write.Key.Length + write.Output.Length + (write.State?.Length ?? 0);
        return journal > Limits.RunBytes ? TooLarge($"The run's journal with \"{write.Key}\"", journal, Limits.RunBytes) : null;
    }

    /// <summary>
    /// Null when the ending is to be written. The same end again is acknowledged again: its first commit may have only seemed to fail.
    /// A dispatch that is handed back may come again for an attempt that has ended before: that is acknowledged, which repeats its outcome.
    /// </summary>
    public static Verdict? End(EndItem item, Lease? lease, EndedAttempt? latest, Func<string, EntryMark?> journaled)
    {
        if (lease?.Epoch != item.Epoch)
        {
            if (latest?.Epoch == item.Epoch && (latest.Ending.Outcome == item.Ending.Outcome || (item.Unclaimed is not null && latest.Ending.Outcome != AttemptOutcomes.Cancelled)))
                return Verdict.Ack();
            if (item.Unclaimed is null || lease?.Epoch > item.Epoch || latest?.Epoch >= item.Epoch)
                return Verdict.Superseded;
        }

        if (item.Ending.Result.Length > Limits.OutputBytes)
            return TooLarge("The result", item.Ending.Result.Length, Limits.OutputBytes);
        if (item.Ending.WaitKeys is not { } waits)
            return null;
        if (waits.Count == 0)
            return new(RefuseCodes.Invalid, "waits: names no sleep to wait for.");
        foreach (var key in waits)
            if (journaled(key) is not { DueAt: not null })
                return new(RefuseCodes.Invalid, $"waits: \"{key}\" is not a sleep in this run's journal.");
        return null;
    }

    static Verdict TooLarge(string what, long bytes, long limit) => new(RefuseCodes.TooLarge, $"{what} has {bytes:N0} bytes; at most {limit:N0} are allowed.");
}
