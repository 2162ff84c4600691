namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>When nothing is to be done any more, nothing waits, holds or counts.</summary>
static class QuietPromises
{
    public const string NothingLeft = "nothing is left over";

    public static IEnumerable<Violation> Check(History history) => history.Leftovers.Select(x => new Violation(NothingLeft, $"{x.What}: {x.Count}"));
}
