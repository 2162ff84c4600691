using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Fires;

namespace ReactorJobs.Tests.Cron;

/// <summary>From what is due, what misfire says of it and which runs have not ended, to the entries of the ledger and the runs that start.</summary>
public sealed class Fires_are_decided
{
    static readonly DateTimeOffset From = Given.At("2026-01-01T00:00Z");
    static readonly RunId Earlier = Fire.IdOf("trg_1", From);

    [Theory]
    [InlineData("allow", 0, "1 fired, 2 fired")]
    [InlineData("allow", 1, "1 fired, 2 fired")]
    [InlineData("skip", 0, "1 fired, 2 skipped")]
    [InlineData("skip", 1, "1 skipped, 2 skipped")]
    [InlineData("queue", 1, "1 fired, 2 fired")]
    [InlineData("queue", 1000, "1 fired, 2 skipped")]
    [InlineData("cancel_running", 1, "1 skipped, 2 fired")]
    public void By_what_has_not_ended(string overlap, int unfinished, string ledger)
    {
        var state = State(overlap) with { Unfinished = [.. Enumerable.Repeat(Earlier, unfinished)] };
        var decision = FireDecision.OfDue(state, From.AddSeconds(2))!;
        Assert.Equal(ledger, string.Join(", ", decision.Fires.Select(x => $"{x.NominalAt.Second} {x.Outcome}")));
        Assert.Equal((From.AddSeconds(2), From.AddSeconds(3)), (decision.DecidedUntil, decision.NextAt));
    }

    [Fact]
    public void A_skipped_one_names_the_run_that_is_in_its_way() => Assert.Equal(
        $"{Earlier} has not ended", FireDecision.OfDue(State("skip") with { Unfinished = [Earlier] }, From.AddSeconds(1))!.Fires.Single().Reason);

    [Fact]
    public void Nothing_is_decided_before_it_is_due_twice_or_in_a_pause()
    {
        Assert.Null(FireDecision.OfDue(State("allow"), From.AddMilliseconds(999)));
        Assert.Null(FireDecision.OfDue(State("allow"), From.AddSeconds(-5)));
        Assert.Null(FireDecision.OfDue(State("allow") with { Paused = true }, From.AddHours(1)));
    }

    /// <summary>Each due time has one entry, a run or a reason; and the ledger goes on where it ended.</summary>
    [Fact]
    public void Whatever_wakes_it_and_when()
    {
        var cases =
            from overlap in Gen.Elements(Overlap.Names)
            from misfire in Gen.Elements(MisfirePolicy.Names)
            from text in Expressions.Text
            from unfinished in Gen.Choose(0, 2)
            from pauses in Gen.Choose(1, 90_000).ListOf(4)
            from kinds in Gen.Choose(0, 5).ListOf(4)
            select (overlap, misfire, text, unfinished, pauses, kinds);
        Prop.ForAll(cases.ToArbitrary(), x =>
        {
            var trigger = new CronTrigger(Given.Calendar(x.text), RawJson.Null, new(x.misfire, TimeSpan.FromHours(2)), x.overlap, TimeSpan.Zero);
            var state = new CronState("trg_1", "job", trigger, false, From, [.. Enumerable.Repeat(Earlier, x.unfinished)]);
            var (now, all) = (From, new List<Fire>());
            foreach (var (pause, kind) in x.pauses.Zip(x.kinds))
            {
                now = now.AddSeconds(pause);
                var decision = kind switch { 0 => FireDecision.Pause(state, now), 1 => FireDecision.Resume(state, now), _ => FireDecision.OfDue(state, now) };
                if (decision is null)
                    continue;
                all.AddRange(decision.Fires);
                if (decision.Paused != (decision.NextAt is null) && trigger.Schedule.Next(decision.DecidedUntil) is not null)
                    return false;
                state = state with { Paused = decision.Paused, DecidedUntil = decision.DecidedUntil };
            }

            var due = trigger.Schedule.Between(From, state.DecidedUntil).Select(fire => fire.At).ToArray();
            var isComplete = all.Count < MisfirePolicy.MostListed ? all.Select(fire => fire.NominalAt).SequenceEqual(due) : all.Select(fire => fire.NominalAt).Distinct().Count() == all.Count;
            return isComplete && all.All(fire =>
                (fire.RunId is not null) == fire.Outcome is FireOutcomes.Fired or FireOutcomes.Moved or FireOutcomes.CaughtUp
                && (fire.RunId is null ? fire.Reason is not null : fire.RunId == Fire.IdOf("trg_1", fire.NominalAt)));
        }).Check(Expressions.Config);
    }

    [Theory]
    [InlineData("allow", "S W W", "begin 1 2")]
    [InlineData("skip", "E W", "begin 1, ended 0")]
    [InlineData("queue", "S W W", "wait 2")]
    [InlineData("queue", "E W W", "begin 1, ended 0, wait 1")]
    [InlineData("queue", "E S W", "ended 0, wait 1")]
    [InlineData("queue", "W W", "begin 0, wait 1")]
    [InlineData("queue", "S W H", "begin 2, wait 1")]
    [InlineData("cancel_running", "S W", "begin 1, cancel 0")]
    [InlineData("cancel_running", "E S W W", "begin 3, cancel 1, replaced 2, ended 0")]
    [InlineData("cancel_running", "W S", "begin 0")]
    [InlineData("cancel_running", "S", "")]
    public void What_is_open_starts_in_its_turn(string overlap, string open, string expected)
    {
        // Waiting, started, ended; asked for by hand and waiting.
        var fires = open.Split(' ').Select((x, i) => new OpenFire(From.AddSeconds(i), Fire.IdOf("trg_1", From.AddSeconds(i)), x == "H", x is "S" or "E", x == "E")).ToList();
        var starts = FireStarts.Of(overlap, fires);
        string Of(string what, IReadOnlyList<OpenFire> these) => these.Count == 0 ? "" : $"{what} {string.Join(' ', these.Select(x => fires.IndexOf(x)))}";
        string[] said = [Of("begin", starts.Begin), Of("cancel", starts.Cancel), Of("replaced", starts.Replaced), Of("ended", starts.Ended), starts.Wait == 0 ? "" : $"wait {starts.Wait}"];
        Assert.Equal(expected, string.Join(", ", said.Where(x => x.Length > 0)));
    }

    [Fact]
    public void A_runs_id_follows_from_trigger_and_time_and_sorts_by_the_time()
    {
        var ids = new[] { "trg_1", "trg_2" }.SelectMany(trigger => Enumerable.Range(0, 500).Select(s => Fire.IdOf(trigger, From.AddSeconds(s)))).ToArray();
        Assert.Equal(1000, ids.Distinct().Count());
        Assert.Equal(ids[..500], ids[..500].Order());
        Assert.All(Enumerable.Range(0, 500), s => Assert.Equal(From.AddSeconds(s), Ulid.TimeOf(ids[s].Value)));
        Assert.Equal(ids[7], Fire.IdOf("trg_1", From.AddSeconds(7)));
    }

    [Fact]
    public void What_is_fired_by_hand_is_never_a_time_of_a_schedule() => Assert.All(
        new[] { 0, 1, 999 }, ms => Assert.NotEqual(0, Fire.Now("trg_1", From.AddMilliseconds(ms)).NominalAt.Millisecond));

    static CronState State(string overlap) =>
        new("trg_1", "job", new(Given.Calendar("* * * * * *", seconds: true), RawJson.Null, MisfirePolicy.Default, overlap, TimeSpan.Zero), false, From, []);
}
