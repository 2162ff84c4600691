using System.Globalization;

namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>A run sleeps as long as it has asked for, or longer.</summary>
static class SleepPromises
{
    public const string LongEnough = "a sleep is not cut short";

    /// <summary>Steps of <c>order</c> with a sleep between them.</summary>
    static readonly (string Before, string After)[] Sleeps = [("reserve", "charge"), ("charge", "ship")];

    public static IEnumerable<Violation> Check(History history)
    {
        var acknowledged = history.Ledger.Where(x => x.What == "acknowledged").ToLookup(x => (x.Run, x.Step));
        var started = history.Ledger.Where(x => x.What == "start").ToLookup(x => (x.Run, x.Step));
        foreach (var run in history.Runs.Where(x => x.Job == "order" && x.Text("sleep") is not null))
        {
            var asked = TimeSpan.FromMilliseconds(int.Parse(run.Text("sleep")!.Replace("ms", "", StringComparison.Ordinal), CultureInfo.InvariantCulture));
            foreach (var (before, after) in Sleeps)
                foreach (var end in acknowledged[(run.Id, before)])
                    foreach (var start in started[(run.Id, after)])
                        if (TimeSpan.FromMicroseconds((start.At - end.At) / 1000) is var slept && slept < asked)
                            yield return new(LongEnough, string.Create(CultureInfo.InvariantCulture,
                                $"{run.Id} began {after} {slept.TotalMilliseconds:0} ms after {before} was acknowledged, and was to sleep {asked.TotalMilliseconds:0} ms"));
        }
    }
}
