using ReactorJobs.Tests.Torture.Checking;
using ReactorJobs.Tests.Torture.Workload;
using static ReactorJobs.Tests.Torture.Checking.SmallHistory;

namespace ReactorJobs.Tests.Torture;

/// <summary>Sleeps, and what runs later.</summary>
public sealed partial class The_checker_finds_what_is_broken
{
    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void A_sleep_that_is_cut_short(int milliseconds, bool isShort)
    {
        // Acknowledged at 3 ns; the next step begins 2 ms later.
        var history = With(Order, x => x with { Payload = $$"""{"key":"order-1","org":"acme","sleep":"{{milliseconds}}ms"}""" }) with
        {
            Ledger = [.. Sound.Ledger, Line(2_000_003, 8, "start", Order, "charge", "1")],
        };

        Assert.Equal(isShort, Checker.Check(history).Any(x => x.Invariant == SleepPromises.LongEnough));
    }

    [Fact]
    public void What_a_committed_step_has_scheduled_and_does_not_run() => Finds(SchedulePromises.Once, Sowing);

    [Fact]
    public void What_it_has_scheduled_and_runs_twice() => Finds(SchedulePromises.Once, Sprouting([.. Sprouts("l1"), Sprout("l1", 1) with { Id = "run_twice" }]));

    [Fact]
    public void What_a_step_has_scheduled_that_was_not_committed() => Finds(SchedulePromises.Nothing, Sprouting([.. Sprouts("l1"), Sprout("l2", 0)]));

    [Fact]
    public void Nothing_in_what_runs_once() => Assert.Empty(Checker.Check(Sprouting([.. Sprouts("l1")])));

    static readonly History Sowing = Sound with { Entries = [.. Sound.Entries, new(Org, Order, 1, "step:" + Catalogue.Sowing, "\"l1\"", [])] };

    static History Sprouting(IReadOnlyList<RunRow> runs) =>
        Sowing with { Runs = [.. Sowing.Runs, .. runs], Listed = [.. Sowing.Listed, .. runs.Select(x => Listed(x.Id, x.Job, x.Status))] };

    static IEnumerable<RunRow> Sprouts(string nonce) => Enumerable.Range(0, Catalogue.Sprouts).Select(part => Sprout(nonce, part));

    static RunRow Sprout(string nonce, int part) => Run($"run_{nonce}_{part}", Catalogue.Sown, "completed",
        $$"""{"org":"{{Org}}","run":"{{Order}}","step":"{{Catalogue.Sowing}}","nonce":"{{nonce}}","part":{{part}}}""", null) with
    { TriggerKind = "schedule" };
}
