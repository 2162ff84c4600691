using System.Globalization;
using System.Text.Json;
using ReactorJobs.Tests.Torture.Suites;

namespace ReactorJobs.Tests.Torture.Workload;

/// <summary>What the clients do, by the seed alone.</summary>
static class WorkloadPlan
{
    const string Completed = "completed";
    const string Failed = "failed";
    const int Parts = 3;

    static readonly (string Job, int Weight)[] Mix =
        [("order", 30), ("parallel", 14), ("patient", 20), ("fan", 10), ("flaky", 14), ("doomed", 6), ("slow", 8), ("stuck", 6)];

    /// <param name="only">The jobs, where not all are wanted.</param>
    public static IReadOnlyList<WorkItem> Of(int seed, int runs, IReadOnlyList<string>? only = null)
    {
        var dice = new Random(seed);
        (string Job, int Weight)[] mix = [.. Mix.Where(x => only is null || only.Contains(x.Job))];
        return [.. Enumerable.Range(1, runs).Select(number => Item(number, mix, dice))];
    }

    static WorkItem Item(int number, (string Job, int Weight)[] mix, Random dice)
    {
        // One run in six is another org's.
        var org = Shape.Orgs[dice.Next(6) == 0 ? 1 : 0];
        var job = Draw(mix, dice);
        var key = string.Create(CultureInfo.InvariantCulture, $"{job}-{number}");
        var payload = new Dictionary<string, object> { ["key"] = key, ["org"] = org };
        var expected = Expected(job, payload, dice);
        var body = new Dictionary<string, object> { ["payload"] = payload };
        if (dice.Next(10) == 0)
            body["delay"] = $"{dice.Next(100, 1500)}ms";
        if (dice.Next(5) == 0)
            body["priority"] = dice.Next(-10, 11);
        var habit = dice.Next(10) switch { < 5 => Habit.Persists, < 7 => Habit.SendsTwice, < 9 => Habit.ReturnsLater, _ => Habit.GivesUp };
        TimeSpan? cancel = dice.Next(7) == 0 ? TimeSpan.FromMilliseconds(dice.Next(0, 2500)) : null;
        return new(number, org, job, key, JsonSerializer.Serialize(body), habit, cancel, expected);
    }

    static Expectation Expected(string job, Dictionary<string, object> payload, Random dice)
    {
        switch (job)
        {
            case "order":
                // Some as long as it takes until their attempt has begun elsewhere, and the sleep after that so long that they may wake where they were.
                var isLong = dice.Next(3) == 0;
                payload["sleep"] = $"{(isLong ? dice.Next(4_000, 9_000) : dice.Next(200, 2_000))}ms";
                payload["inside"] = dice.Next(2) == 0;
                payload["ms"] = isLong ? 14_000 : 0;
                return new(Completed, 1, ["reserve", "charge", "ship"], [Catalogue.OrderDone]);
            case "parallel":
                payload["ms"] = dice.Next(0, 40);
                return new(Completed, 1, ["left", "middle", "right", "join"], []);
            case "patient":
                // Some as long as it takes until an executor that is not heard is believed to be gone, and its attempts have begun elsewhere.
                payload["ms"] = dice.Next(3) == 0 ? dice.Next(9_000, 16_000) : dice.Next(500, 9_000);
                return new(Completed, 1, ["first", "long", "last"], []);
            case "fan":
                payload["parts"] = Parts;
                return new(Completed, 1, ["spread"], [.. Enumerable.Repeat(Catalogue.LeafWanted, Parts)]);
            case "flaky":
                var fails = dice.Next(0, Catalogue.FlakyAttempts + 1);
                payload["fails"] = fails;
                // Some run long enough for the outcome of an attempt before, which was believed to be lost, to arrive meanwhile.
                payload["ms"] = dice.Next(3) == 0 ? dice.Next(1500, 6000) : 0;
                return fails < Catalogue.FlakyAttempts ? new(Completed, fails + 1, ["first", "second"], []) : new(Failed, Catalogue.FlakyAttempts, [], []);
            case "doomed":
                return new(Failed, 1, [], []);
            case "slow":
                return new(Completed, null, ["first", "second"], []);
            default:
                return new(Failed, Catalogue.StuckAttempts, [], []);
        }
    }

    static string Draw((string Job, int Weight)[] mix, Random dice)
    {
        var at = dice.Next(mix.Sum(x => x.Weight));
        foreach (var (job, weight) in mix)
            if ((at -= weight) < 0)
                return job;
        throw new InvalidOperationException("The weights do not add up.");
    }
}
