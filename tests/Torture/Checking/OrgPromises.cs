namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>No row, no event and no run is another org's than the one that it came from.</summary>
static class OrgPromises
{
    public const string Apart = "orgs do not see each other";

    public static IEnumerable<Violation> Check(History history)
    {
        var orgs = history.Runs.ToLookup(x => x.Id, x => x.Org);
        foreach (var run in history.Runs)
            if (run.Text("org") is { } org && org != run.Org)
                yield return new(Apart, $"{run.Id} of {run.Job} is {run.Org}'s, and its payload {org}'s");
        foreach (var run in orgs.Where(x => x.Count() > 1))
            yield return new(Apart, $"{run.Key} is in {string.Join(" and in ", run)}");
        foreach (var entry in history.Entries)
            if (!orgs[entry.Run].Contains(entry.Org))
                yield return new(Apart, $"{entry.Key} of {entry.Run} is stored for {entry.Org}");
        foreach (var row in history.Events)
            if (row.Text("org") is { } org && org != row.Org)
                yield return new(Apart, $"an event of {row.Topic} is {row.Org}'s, and its payload {org}'s");
        foreach (var listed in history.Listed)
            if (!orgs[listed.Id].Contains(listed.Org))
                yield return new(Apart, $"{listed.Id} is listed for {listed.Org}");
        foreach (var line in history.Ledger.Where(x => x.What == "foreign"))
            yield return new(Apart, $"{line.Run} came to a worker of another org");
    }
}
