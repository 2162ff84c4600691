namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>The counters that limits rest on are those of the runs, at any time: a commit changes both or none.</summary>
static class CounterPromises
{
    public const string Exact = "a job's counters are what its runs come to";

    public static IEnumerable<Violation> Check(History history) => history.Miscounts.Select(x => new Violation(
        Exact, $"{x.Job} of {x.Org} counted {x.Due} due runs, {x.Running} of them running, and there were {x.ReallyDue}, {x.ReallyRunning} of them running"));
}
