using ReactorJobs.Tests.System.Harness;
using ReactorJobs.Tests.Torture.Faults;

namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>What a handler was told is stored stays as it is, and is not done again.</summary>
static class StepPromises
{
    public const string Kept = "an acknowledged checkpoint is kept as it is";
    public const string Once = "a checkpoint is written once";
    public const string NotAgain = "an acknowledged step does not start again";
    public const string Fenced = "an attempt that a newer one has replaced writes nothing";

    /// <summary>
    /// How long after a pause old frames may still begin an attempt that is over by then: they were on their way when the pause began. What it does
    /// cannot be stopped, only refused.
    /// </summary>
    static readonly TimeSpan Stale = TimeSpan.FromSeconds(2);

    public static IEnumerable<Violation> Check(History history)
    {
        var entries = history.Entries.ToLookup(x => (x.Run, x.Key));
        foreach (var entry in entries.Where(x => x.Count() > 1))
            yield return new(Once, $"{entry.Key.Key} of {entry.Key.Run} is stored {entry.Count()} times");

        var acknowledged = history.Ledger.Where(x => x.What == "acknowledged").ToLookup(x => (x.Run, x.Step));
        foreach (var step in acknowledged)
        {
            var outputs = step.Select(x => $"\"{ValueOf(x)}\"").Distinct().ToArray();
            if (step.Count() > 1)
                yield return new(Once, $"{step.Key.Step} of {step.Key.Run} was acknowledged {step.Count()} times: {string.Join(", ", outputs)}");
            var stored = entries[(step.Key.Run, "step:" + step.Key.Step)].Select(x => x.Output).ToArray();
            foreach (var output in outputs)
                if (!stored.Contains(output))
                    yield return new(Kept, $"{step.Key.Step} of {step.Key.Run} was acknowledged as {output}, and {(stored.Length == 0 ? "nothing" : string.Join(", ", stored))} is stored");
        }

        foreach (var violation in StartsAgain(history, acknowledged))
            yield return violation;
        foreach (var violation in Replaced(history))
            yield return violation;
    }

    /// <summary>Where the newer one has written, too: in the order of their commits, a run's entries are of ever newer attempts.</summary>
    static IEnumerable<Violation> Replaced(History history)
    {
        var newest = new Dictionary<string, Entry>();
        foreach (var entry in history.Entries)
            if (newest.GetValueOrDefault(entry.Run) is { } newer && newer.Epoch > entry.Epoch)
                yield return new(Fenced, $"{entry.Key} of {entry.Run} was written by the attempt of epoch {entry.Epoch} after {newer.Key} by that of epoch {newer.Epoch}");
            else
                newest[entry.Run] = entry;
    }

    static IEnumerable<Violation> StartsAgain(History history, ILookup<(string Run, string Step), LedgerLine> acknowledged)
    {
        // The system may give the number of a process again.
        var began = history.Ledger.Where(x => x.What == "begin").GroupBy(x => (x.Process, x.Value!)).ToDictionary(x => x.Key, x => x.Last().At);
        var pauses = history.Faults.Where(x => x.Fault.Kind is FaultKind.Pause or FaultKind.OneWay).ToArray();
        foreach (var start in history.Ledger.Where(x => x.What == "start"))
            foreach (var end in acknowledged[(start.Run, start.Step)])
            {
                var invocation = began.GetValueOrDefault((start.Process, start.Value!), start.At);
                var isSame = start.Process == end.Process && end.Value!.StartsWith(start.Value + "/", StringComparison.Ordinal);
                if (start.At > end.At && (isSame || (invocation > end.At && !pauses.Any(x => invocation >= x.BeganAt && invocation <= x.EndedAt + (long)Stale.TotalNanoseconds))))
                    yield return new(NotAgain, $"{start.Step} of {start.Run} was acknowledged to {end.Process} at {end.At} and started by {start.Process} at {start.At}");
            }
    }

    /// <summary>An acknowledgement says which invocation had it, and what the step gave.</summary>
    static string ValueOf(LedgerLine acknowledgement) => acknowledgement.Value!.Split('/')[1];
}
