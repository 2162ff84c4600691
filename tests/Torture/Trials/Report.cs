using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ReactorJobs.Tests.Torture.Trials;

/// <summary>A trial's result, for people and for programs.</summary>
static class Report
{
    const int MostShown = 20;

    public static string Table(TrialResult result)
    {
        var (counts, text) = (result.Counts, new StringBuilder());
        Line("runs", counts.Runs, $"{counts.Triggered} of clients; {counts.Failed} failed and {counts.Cancelled} cancelled, as they had to");
        Line("faults", counts.History.Faults.Count, $"{counts.Overlaps} pairs of them at the same time");
        foreach (var (kind, target, count) in counts.Faults)
            Line($"  {kind} {target}", count, "");
        Line("runs touched by a fault", counts.Touched, string.Create(CultureInfo.InvariantCulture, $"{100.0 * counts.Touched / Math.Max(1, counts.Runs):0.0} %"));
        Line("runs with a lost attempt", counts.RunsWithLostAttempts, $"{counts.LostAttempts} attempts");
        Line("requests", counts.History.Calls.Count, string.Join(", ", counts.Answers.Select(x => $"{(x.Status == 0 ? "no answer" : x.Status)}: {x.Count}")));
        Line("unknown outcomes", counts.Unknown, "");
        Line("fenced writes", counts.FencedWrites, $"of attempts that a newer one had replaced; {counts.LateWrites} more of attempts that were over");
        Line("redeliveries", counts.Redeliveries, "");
        Line("seconds", (long)counts.Duration.TotalSeconds, "");
        Line("seed", result.Options.Seed, "");
        Line("violations", result.Violations.Count, "");
        foreach (var violation in result.Violations.Take(MostShown))
            text.AppendLine(CultureInfo.InvariantCulture, $"  {violation.Invariant}: {violation.Text}");
        foreach (var (invariant, count) in result.Violations.Skip(MostShown).CountBy(x => x.Invariant))
            text.AppendLine(CultureInfo.InvariantCulture, $"  {invariant}: {count} more");
        return text.ToString();

        void Line(string what, long count, string note) => text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{what,-42} {count,8}   {note}").TrimEnd());
    }

    /// <summary>One line.</summary>
    public static string Json(TrialResult result)
    {
        var counts = result.Counts;
        return JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["workload"] = "torture",
            ["seed"] = result.Options.Seed,
            ["runs"] = counts.Runs,
            ["triggered"] = counts.Triggered,
            ["faults"] = counts.History.Faults.Count,
            ["faults_by_kind"] = counts.Faults.ToDictionary(x => $"{x.Kind} {x.Target}", x => x.Count),
            ["overlaps"] = counts.Overlaps,
            ["touched"] = counts.Touched,
            ["lost_attempts"] = counts.LostAttempts,
            ["requests"] = counts.History.Calls.Count,
            ["unknown"] = counts.Unknown,
            ["fenced_writes"] = counts.FencedWrites,
            ["redeliveries"] = counts.Redeliveries,
            ["seconds"] = Math.Round(counts.Duration.TotalSeconds, 1),
            ["violations"] = result.Violations.Count,
            ["violated"] = result.Violations.CountBy(x => x.Invariant).ToDictionary(),
        });
    }
}
