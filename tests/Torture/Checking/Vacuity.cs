using System.Globalization;

namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>A trial that was lucky proves nothing: it has to say so instead of passing.</summary>
static class Vacuity
{
    public const string Vacuous = "the trial proves nothing";
    public const double LeastTouched = 0.3;

    public static IEnumerable<Violation> Check(int runs, int touched, long fencedWrites, long redeliveries, int faults, int applied, int looks)
    {
        if (touched < LeastTouched * runs)
            yield return new(Vacuous, string.Create(CultureInfo.InvariantCulture, $"only {touched} of {runs} runs were under way during a fault, less than {LeastTouched:0%}"));
        if (fencedWrites == 0)
            yield return new(Vacuous, "no write of an attempt that was over was refused");
        if (redeliveries == 0)
            yield return new(Vacuous, "no message was delivered again");
        if (looks < applied)
            yield return new(Vacuous, $"the counters were looked at {looks} times only, while {applied} faults were made");
        if (applied < faults)
            yield return new(Vacuous, $"only {applied} of {faults} faults were made");
    }

    /// <summary>Runs that were under way while something was wrong.</summary>
    public static int Touched(History history) => history.Runs.Count(run => history.Faults.Any(x => run.CreatedAt < x.Ended && (run.CompletedAt ?? DateTimeOffset.MaxValue) > x.Began));
}
