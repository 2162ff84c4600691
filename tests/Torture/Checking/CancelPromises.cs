using ReactorJobs.Tests.Torture.Workload;

namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>An accepted cancel wins; a refused one has lost; and nothing else cancels.</summary>
static class CancelPromises
{
    public const string Wins = "an accepted cancel wins";
    public const string Asked = "only a cancel cancels";
    const string Finished = "run_finished";

    public static IEnumerable<Violation> Check(History history)
    {
        var runs = history.Runs.ToDictionary(x => (x.Org, x.Id));
        var asked = history.Calls.Where(x => x.Verb == Verb.Cancel).ToLookup(x => (x.Org, x.Run!));
        foreach (var call in asked.SelectMany(x => x))
            if (runs.TryGetValue((call.Org, call.Run!), out var run))
            {
                if (call.Outcome == Outcome.Accepted && run.Status != "cancelled")
                    yield return new(Wins, $"the cancel of {run.Id} was accepted, and it is {run.Status}");
                else if (call is { Outcome: Outcome.Refused, Code: Finished } && run.Status is not ("completed" or "failed"))
                    yield return new(Wins, $"the cancel of {run.Id} was refused because it had ended, and it is {run.Status}");
                else if (call.Outcome == Outcome.Refused && call.Code != Finished)
                    yield return new(RunPromises.NotRefused, $"the cancel of {run.Id} was answered {call.Status} {call.Code}");
            }

        foreach (var run in history.Runs)
            if (run.Status == "cancelled" && !asked[(run.Org, run.Id)].Any())
                yield return new(Asked, $"{run.Id} of {run.Job} is cancelled, and nobody asked for it");
    }
}
