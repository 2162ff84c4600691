using ReactorJobs.Tests.Torture.Workload;

namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>What a committed step has scheduled runs once, and nothing else does.</summary>
static class SchedulePromises
{
    public const string Once = "what a committed step has scheduled runs once";
    public const string Nothing = "what was not committed schedules nothing";

    public static IEnumerable<Violation> Check(History history)
    {
        var scheduled = history.Runs.Where(x => x.TriggerKind == "schedule").CountBy(x => (x.Org, Fields.Origin(x.Text))).ToDictionary();
        var sown = new HashSet<(string, string)>();
        foreach (var entry in history.Entries.Where(x => x.Key == "step:" + Catalogue.Sowing))
            for (var part = 0; part < Catalogue.Sprouts; part++)
            {
                var key = (entry.Org, $"{entry.Run}/{Catalogue.Sowing}/{entry.Output.Trim('"')}/{part}");
                sown.Add(key);
                if (scheduled.GetValueOrDefault(key) is var runs && runs != 1)
                    yield return new(Once, $"{key.Item2} has {runs} runs");
            }

        foreach (var key in scheduled.Keys.Where(x => !sown.Contains(x)))
            yield return new(Nothing, $"{key.Item2} runs, and no such step was committed");
    }
}
