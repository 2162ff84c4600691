using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

/// <summary>What the ledger says of each nominal time that nobody was there for, and whether it fires after all (product B2).</summary>
public sealed class Missed_fires_are_decided
{
    // Hourly from midnight on; nobody was there from half past one until 40 s after six.
    const string From = "2026-01-01T01:00Z";
    const string Now = "2026-01-01T06:00:40Z";

    [Theory]
    [InlineData(MisfirePolicy.Skip, "2 missed, 3 missed, 4 missed, 5 missed, 6 fired")]
    [InlineData(MisfirePolicy.Last, "2 missed, 3 missed, 4 missed, 5 missed, 6 fired")] // one has come in time
    [InlineData(MisfirePolicy.All, "2 caught_up, 3 caught_up, 4 caught_up, 5 caught_up, 6 fired")]
    public void With_one_in_time(string policy, string ledger) => Assert.Equal(ledger, Ledger(policy, TimeSpan.FromDays(1), Now));

    [Theory]
    [InlineData(MisfirePolicy.Skip, "2 missed, 3 missed, 4 missed, 5 missed, 6 missed")]
    [InlineData(MisfirePolicy.Last, "2 missed, 3 missed, 4 missed, 5 missed, 6 caught_up")]
    [InlineData(MisfirePolicy.All, "2 caught_up, 3 caught_up, 4 caught_up, 5 caught_up, 6 caught_up")]
    public void With_none_in_time(string policy, string ledger) => Assert.Equal(ledger, Ledger(policy, TimeSpan.FromDays(1), "2026-01-01T06:30Z"));

    [Theory]
    [InlineData(MisfirePolicy.All, 150, "2 missed, 3 missed, 4 caught_up, 5 caught_up, 6 caught_up")] // the window's end counts
    [InlineData(MisfirePolicy.All, 149, "2 missed, 3 missed, 4 missed, 5 caught_up, 6 caught_up")]
    [InlineData(MisfirePolicy.All, 0, "2 missed, 3 missed, 4 missed, 5 missed, 6 missed")]
    [InlineData(MisfirePolicy.Last, 29, "2 missed, 3 missed, 4 missed, 5 missed, 6 missed")]
    [InlineData(MisfirePolicy.Last, 30, "2 missed, 3 missed, 4 missed, 5 missed, 6 caught_up")]
    public void Within_a_window(string policy, int minutes, string ledger) => Assert.Equal(ledger, Ledger(policy, TimeSpan.FromMinutes(minutes), "2026-01-01T06:30Z"));

    [Fact]
    public void A_minute_late_is_in_time() => Assert.Equal(
        [FireOutcomes.Fired, FireOutcomes.Missed],
        new[] { 0, 1 }.Select(ms => Decide("0 6 * * *", "UTC", new(MisfirePolicy.Skip, TimeSpan.FromDays(1)), From, Given.At("2026-01-01T06:01Z").AddMilliseconds(ms)).Entries.Single().Outcome));

    [Fact]
    public void Nothing_is_decided_before_it_is_due_nor_twice()
    {
        var policy = MisfirePolicy.Default;
        Assert.Empty(Decide("0 6 * * *", "UTC", policy, From, Given.At("2026-01-01T05:59:59.999Z")).Entries);
        Assert.Single(Decide("0 6 * * *", "UTC", policy, From, Given.At("2026-01-01T06:00Z")).Entries);
        Assert.Empty(Decide("0 6 * * *", "UTC", policy, "2026-01-01T06:00Z", Given.At("2026-01-01T06:00Z")).Entries);
    }

    [Theory]
    [InlineData("2026-03-08T07:00:05Z", "moved", "moved: 2026-03-08 02:30 does not exist, the clocks go forward from 2026-03-08 02:00 to 03:00")]
    [InlineData("2026-03-08T09:30:00Z", "caught_up", "2 h 30 min late; moved: 2026-03-08 02:30 does not exist, the clocks go forward from 2026-03-08 02:00 to 03:00")]
    [InlineData("2026-03-09T06:00:00Z", "missed", "23 h late, and the window is 12 h; moved: 2026-03-08 02:30 does not exist, the clocks go forward from 2026-03-08 02:00 to 03:00")]
    public void A_time_that_the_clocks_skip_says_so(string now, string outcome, string reason)
    {
        var entry = Decide("30 2 * * *", "America/New_York", new(MisfirePolicy.Last, TimeSpan.FromHours(12)), "2026-03-08T05:00Z", Given.At(now)).Entries.Single();
        Assert.Equal(new(Given.At("2026-03-08T07:00Z"), outcome, reason), entry);
    }

    [Theory]
    [InlineData(MisfirePolicy.Skip, "5 h late, and nothing is caught up")]
    [InlineData(MisfirePolicy.Last, "5 h late, and only the newest is caught up")]
    public void A_missed_one_says_why(string policy, string reason) =>
        Assert.Equal(reason, Decide("0 * * * *", "UTC", new(policy, TimeSpan.FromDays(1)), From, Given.At("2026-01-01T07:00Z")).Entries[0].Reason);

    [Fact]
    public void A_fire_in_time_needs_no_reason() => Assert.Null(Decide("0 6 * * *", "UTC", MisfirePolicy.Default, From, Given.At(Now)).Entries.Single().Reason);

    [Fact]
    public void Of_a_year_of_lost_seconds_the_newest_are_listed()
    {
        var now = Given.At("2026-01-01T00:00Z");
        var asked = 0;
        var due = Given.Calendar("* * * * * *", seconds: true).Backwards(now.AddDays(-365), now).Select(x =>
        {
            asked++;
            return x;
        });

        var (entries, unlisted) = new MisfirePolicy(MisfirePolicy.All, TimeSpan.FromDays(365)).Decide(due, now);

        Assert.Equal((MisfirePolicy.MostListed, now, now.AddSeconds(-MisfirePolicy.MostListed)), (entries.Count, entries[^1].NominalAt, unlisted));
        Assert.Equal(MisfirePolicy.MostListed + 1, asked);
    }

    /// <summary>Each due time has one entry, in order; what the policy promises holds of it.</summary>
    [Fact]
    public void Any_pause_is_decided_whole()
    {
        var cases =
            from text in Expressions.Text
            from policy in Gen.Elements(MisfirePolicy.Names)
            from pause in Gen.Choose(1, 200_000)
            from window in Gen.Choose(0, 200_000)
            from second in Gen.Choose(1_000_000_000, 1_900_000_000)
            select (Calendar: Given.Calendar(text, "America/New_York"), Policy: new MisfirePolicy(policy, TimeSpan.FromSeconds(window)),
                From: DateTimeOffset.FromUnixTimeSeconds(second), Now: DateTimeOffset.FromUnixTimeSeconds(second + pause));
        Prop.ForAll(cases.ToArbitrary(), x =>
        {
            var (entries, unlisted) = x.Policy.Decide(x.Calendar.Backwards(x.From, x.Now), x.Now);
            bool InTime(LedgerEntry entry) => x.Now - entry.NominalAt <= MisfirePolicy.Grace;
            var late = entries.Where(entry => !InTime(entry)).ToArray();
            var caughtUp = late.Where(entry => entry.Fires).ToArray();
            return entries.Select(entry => entry.NominalAt).SequenceEqual(x.Calendar.Between(unlisted ?? x.From, x.Now).Select(fire => fire.At))
                && entries.Where(InTime).All(entry => entry.Outcome is FireOutcomes.Fired or FireOutcomes.Moved)
                && late.All(entry => entry.Outcome is FireOutcomes.CaughtUp or FireOutcomes.Missed && entry.Reason is not null)
                && caughtUp.All(entry => x.Now - entry.NominalAt <= x.Policy.Window)
                && x.Policy.Policy switch
                {
                    MisfirePolicy.Skip => caughtUp.Length == 0,
                    MisfirePolicy.Last => caughtUp.Length == (late.Length > 0 && late[^1] == entries[^1] && x.Now - late[^1].NominalAt <= x.Policy.Window ? 1 : 0) && (caughtUp.Length == 0 || caughtUp[0] == entries[^1]),
                    _ => caughtUp.Length == late.Count(entry => x.Now - entry.NominalAt <= x.Policy.Window),
                };
        }).Check(Expressions.Config);
    }

    static string Ledger(string policy, TimeSpan window, string now) =>
        string.Join(", ", Decide("0 * * * *", "UTC", new(policy, window), From, Given.At(now)).Entries.Select(x => $"{x.NominalAt.Hour} {x.Outcome}"));

    static DueFires Decide(string schedule, string zone, MisfirePolicy policy, string from, DateTimeOffset now) => policy.Decide(Given.Calendar(schedule, zone).Backwards(Given.At(from), now), now);
}
