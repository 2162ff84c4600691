using System.Text.Json;
using ReactorJobs.Tests.Torture.Workload;

namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>What was accepted is one run, and comes to the one end that its workload allows.</summary>
static class RunPromises
{
    public const string OneRun = "one key is one run";
    public const string NotLost = "an accepted run is not lost";
    public const string NotRefused = "a valid request is not refused";
    public const string NoFault = "no call meets a fault of a service's own";
    public const string OneEnd = "a run comes to its one end";
    public const string Final = "an end is final";
    public const string SameForAll = "the API shows what is stored";
    public const string OneDeadLetter = "a failed run has one dead letter";

    public static IEnumerable<Violation> Check(History history)
    {
        var byKey = history.ByKey();
        var calls = history.Calls.Where(x => x.Verb == Verb.Trigger).ToLookup(x => (x.Org, x.Key));
        var items = history.Items.ToDictionary(x => (x.Org, x.Key));
        foreach (var item in history.Items)
            foreach (var violation in Keys(item, [.. calls[(item.Org, item.Key)]], [.. byKey[(item.Org, item.Key)]]))
                yield return violation;
        // A server that is away is 503; this is an exception that nobody has foreseen.
        foreach (var call in history.Calls.Where(x => x.Status == 500))
            yield return new(NoFault, $"{call.Verb} of {call.Key} was answered 500 {call.Code} at {call.Ended:HH:mm:ss.fff}");
        foreach (var run in history.Runs)
        {
            var item = run.TriggerKind == "manual" ? items.GetValueOrDefault((run.Org, run.Text("key") ?? "")) : null;
            if (run.TriggerKind == "manual" && item is null)
                yield return new(OneRun, $"{run.Id} of {run.Job} was started by nobody");
            foreach (var violation in End(run, item))
                yield return violation;
        }

        foreach (var violation in Seen(history))
            yield return violation;
        foreach (var violation in CompletedWithItsSteps(history, items))
            yield return violation;
        foreach (var violation in Listed(history))
            yield return violation;
        foreach (var violation in DeadLetters(history))
            yield return violation;
    }

    static IEnumerable<Violation> Keys(WorkItem item, Call[] calls, RunRow[] runs)
    {
        foreach (var refused in calls.Where(x => x.Outcome == Outcome.Refused))
            yield return new(NotRefused, $"the trigger {item.Key} was answered {refused.Status} {refused.Code}");
        string[] answered = [.. calls.Where(x => x.Outcome == Outcome.Accepted).Select(x => x.Run!).Distinct()];
        if (answered.Length > 1)
            yield return new(OneRun, $"{item.Key} was accepted as {string.Join(" and as ", answered)}");
        if (runs.Length > 1)
            yield return new(OneRun, $"{item.Key} is {runs.Length} runs: {string.Join(", ", runs.Select(x => x.Id))}");
        foreach (var id in answered.Where(id => runs.All(x => x.Id != id)))
            yield return new(NotLost, $"{item.Key} was accepted as {id}, which is not there");
    }

    static IEnumerable<Violation> End(RunRow run, WorkItem? item)
    {
        if (!run.IsFinal || run.CompletedAt is null)
            yield return new(OneEnd, $"{run.Id} of {run.Job} is {run.Status} when all is over");
        else if (run.Status == "cancelled")
        {
            // Whether it was allowed to be is the cancel's promise.
            if (item is null)
                yield return new(OneEnd, $"{run.Id} of {run.Job} is cancelled, which nobody asked for");
        }
        else if (run.Status != (item?.Expected.Status ?? "completed"))
            yield return new(OneEnd, $"{run.Id} of {run.Job} is {run.Status} instead of {item?.Expected.Status ?? "completed"}");
        else if (item is { Expected.Attempt: { } attempt } && run.Attempt != attempt)
            yield return new(OneEnd, $"{run.Id} of {run.Job} is {run.Status} at attempt {run.Attempt} instead of {attempt}");
    }

    /// <summary>What somebody was shown of a run that had been accepted.</summary>
    static IEnumerable<Violation> Seen(History history)
    {
        var runs = history.Runs.ToDictionary(x => (x.Org, x.Id), x => x.Status);
        foreach (var call in history.Calls.Where(x => x.Verb == Verb.Read))
            if (call.Outcome == Outcome.Refused)
                yield return new(NotLost, $"{call.Run} was accepted, and asked for answered {call.Status} {call.Code}");
            else if (call.Seen is "completed" or "failed" or "cancelled" && runs.GetValueOrDefault((call.Org, call.Run!)) is { } end && end != call.Seen)
                yield return new(Final, $"{call.Run} was seen {call.Seen}, and is {end}");
    }

    /// <summary>Its result is what its steps gave, and those are what the journal has.</summary>
    static IEnumerable<Violation> CompletedWithItsSteps(History history, Dictionary<(string, string), WorkItem> items)
    {
        var outputs = history.Entries.ToLookup(x => (x.Org, x.Run, x.Key), x => x.Output);
        foreach (var run in history.Runs.Where(x => x.Status == "completed" && x.TriggerKind == "manual"))
            if (items.TryGetValue((run.Org, run.Text("key") ?? ""), out var item))
            {
                string[] steps = [.. item.Expected.Steps.Select(x => outputs[(run.Org, run.Id, "step:" + x)].FirstOrDefault() ?? "nothing")];
                if ($"[{string.Join(',', steps)}]" != Compact(run.Result))
                    yield return new(OneEnd, $"{run.Id} of {run.Job} has the result {run.Result}, and its steps gave [{string.Join(',', steps)}]");
            }
    }

    static string Compact(string? json)
    {
        if (json is null)
            return "";
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement);
    }

    static IEnumerable<Violation> Listed(History history)
    {
        var listed = history.Listed.ToLookup(x => (x.Org, x.Id));
        foreach (var run in history.Runs)
            if (listed[(run.Org, run.Id)].ToArray() is not [var one] || (one.Job, one.Status, one.Attempt) != (run.Job, run.Status, run.Attempt))
                yield return new(SameForAll, $"{run.Id} of {run.Job} is {run.Status} at attempt {run.Attempt}, and the API lists {string.Join(" and ", listed[(run.Org, run.Id)])}");
        if (history.Listed.Count > history.Runs.Count)
            yield return new(SameForAll, $"the API lists {history.Listed.Count} runs, and {history.Runs.Count} are stored");
    }

    static IEnumerable<Violation> DeadLetters(History history)
    {
        var letters = history.DeadLetters.ToLookup(x => (x.Org, x.Run));
        foreach (var run in history.Runs)
            if (letters[(run.Org, run.Id)].Count() is var count && count != (run.Status == "failed" ? 1 : 0))
                yield return new(OneDeadLetter, $"{run.Id} of {run.Job} is {run.Status} and has {count} dead letters");
    }
}
