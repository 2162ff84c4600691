using System.Globalization;

namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>Only one attempt of a run holds its lease, and an older one never comes after a newer one.</summary>
static class AttemptPromises
{
    public const string Succession = "the attempts of a run follow one another";

    public static IEnumerable<Violation> Check(History history)
    {
        foreach (var run in history.Attempts.Where(x => x.IsOfHandler).GroupBy(x => (x.Org, x.Run)))
        {
            AttemptRow[] attempts = [.. run.OrderBy(x => x.Epoch)];
            foreach (var (older, newer) in attempts.Zip(attempts.Skip(1)))
                if (newer.Started < older.Ended)
                    yield return new(Succession, string.Create(CultureInfo.InvariantCulture,
                        $"the attempt of epoch {newer.Epoch} of {run.Key.Run} began at {newer.Started:HH:mm:ss.fff}, that of epoch {older.Epoch} ended at {older.Ended:HH:mm:ss.fff} ({older.Outcome})"));
        }
    }
}
