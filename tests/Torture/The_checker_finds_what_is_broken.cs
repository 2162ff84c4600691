using ReactorJobs.Tests.Torture.Checking;
using ReactorJobs.Tests.Torture.Faults;
using ReactorJobs.Tests.Torture.Workload;
using static ReactorJobs.Tests.Torture.Checking.SmallHistory;

namespace ReactorJobs.Tests.Torture;

/// <summary>A checker that finds nothing proves nothing: each promise is broken here by a small history.</summary>
public sealed partial class The_checker_finds_what_is_broken
{
    [Fact]
    public void Nothing_in_a_sound_history() => Assert.Empty(Checker.Check(Sound));

    [Fact]
    public void A_key_that_is_two_runs() => Finds(RunPromises.OneRun, Sound with
    {
        Runs = [.. Sound.Runs, Run("run_again", "order", "completed", """{"key":"order-1","org":"acme"}""", """["r1","s1"]""")],
        Entries = [.. Sound.Entries, .. Sound.Entries.Select(x => x with { Run = "run_again", Topics = [] })],
    });

    [Fact]
    public void A_key_that_was_answered_as_two_runs() => Finds(RunPromises.OneRun, Sound with { Calls = [.. Sound.Calls, Triggered("order-1", Doomed)] });

    [Fact]
    public void A_run_that_nobody_started() => Finds(RunPromises.OneRun, Sound with { Items = [.. Sound.Items.Where(x => x.Key != "doomed-2")] });

    [Fact]
    public void An_accepted_run_that_is_not_there() => Finds(RunPromises.NotLost, Sound with { Runs = [.. Sound.Runs.Where(x => x.Id != Doomed)] });

    [Fact]
    public void A_valid_trigger_that_is_refused() => Finds(RunPromises.NotRefused, Sound with
    {
        Calls = [.. Sound.Calls, Triggered("order-1", Order) with { Outcome = Outcome.Refused, Status = 404, Code = "job_not_found" }],
    });

    [Fact]
    public void A_call_that_a_service_has_failed() => Finds(RunPromises.NoFault, Sound with
    {
        Calls = [.. Sound.Calls, Triggered("order-1", Order) with { Outcome = Outcome.Unknown, Status = 500, Code = "internal" }],
    });

    [Fact]
    public void A_run_that_has_not_ended() => Finds(RunPromises.OneEnd, With(Order, x => x with { Status = "sleeping", CompletedAt = null }));

    [Fact]
    public void A_run_that_has_another_end_than_it_must() => Finds(RunPromises.OneEnd, With(Doomed, x => x with { Status = "completed" }));

    [Fact]
    public void An_attempt_that_the_platform_has_used_up() => Finds(RunPromises.OneEnd, With(Order, x => x with { Attempt = 2 }));

    [Fact]
    public void A_subscriber_that_has_failed() => Finds(RunPromises.OneEnd, With(Invoice, x => x with { Status = "failed" }));

    [Fact]
    public void A_result_that_is_not_what_the_steps_gave() => Finds(RunPromises.OneEnd, With(Order, x => x with { Result = """["r1","other"]""" }));

    [Fact]
    public void A_completed_run_without_one_of_its_steps() => Finds(RunPromises.OneEnd, Sound with { Entries = [.. Sound.Entries.Skip(1)] });

    [Fact]
    public void An_end_that_was_seen_and_has_changed() => Finds(RunPromises.Final, Sound with { Calls = [.. Sound.Calls, Read("order-3", Cancelled, "completed")] });

    [Fact]
    public void An_accepted_run_that_could_not_be_seen() => Finds(RunPromises.NotLost, Sound with
    {
        Calls = [.. Sound.Calls, Read("order-1", Order, "running") with { Outcome = Outcome.Refused, Status = 404, Code = "run_not_found" }],
    });

    [Fact]
    public void A_list_that_shows_another_status() => Finds(RunPromises.SameForAll, Sound with
    {
        Listed = Sound.Listed.Change(x => x.Id == Order, x => x with { Status = "running" }),
    });

    [Fact]
    public void A_list_that_misses_a_run() => Finds(RunPromises.SameForAll, Sound with { Listed = [.. Sound.Listed.Skip(1)] });

    [Fact]
    public void A_failed_run_without_a_dead_letter() => Finds(RunPromises.OneDeadLetter, Sound with { DeadLetters = [] });

    [Fact]
    public void A_failed_run_with_two_dead_letters() => Finds(RunPromises.OneDeadLetter, Sound with { DeadLetters = [.. Sound.DeadLetters, .. Sound.DeadLetters] });

    [Fact]
    public void An_accepted_cancel_that_has_lost() => Finds(CancelPromises.Wins, Sound with
    {
        Calls = [.. Sound.Calls, Cancel("order-1", Order, Outcome.Accepted, 200, null)],
    });

    [Fact]
    public void A_refused_cancel_that_has_won() => Finds(CancelPromises.Wins, Sound with
    {
        Calls = Sound.Calls.Change(x => x.Verb == Verb.Cancel, x => x with { Outcome = Outcome.Refused, Status = 409, Code = "run_finished" }),
    });

    [Fact]
    public void A_cancel_of_an_accepted_run_that_is_refused_as_unknown() => Finds(RunPromises.NotRefused, Sound with
    {
        Calls = [.. Sound.Calls, Cancel("order-1", Order, Outcome.Refused, 404, "run_not_found")],
    });

    [Fact]
    public void A_run_that_is_cancelled_though_nobody_asked() => Finds(CancelPromises.Asked, Sound with { Calls = [.. Sound.Calls.Where(x => x.Verb != Verb.Cancel)] });

    [Fact]
    public void A_checkpoint_that_has_changed() => Finds(StepPromises.Kept, Sound with
    {
        Entries = Sound.Entries.Change(x => x.Key == "step:reserve", x => x with { Output = "\"other\"" }),
    });

    [Fact]
    public void A_checkpoint_that_is_gone() => Finds(StepPromises.Kept, Sound with { Entries = [.. Sound.Entries.Where(x => x.Key != "step:reserve")] });

    [Fact]
    public void A_checkpoint_that_is_stored_twice() => Finds(StepPromises.Once, Sound with { Entries = [.. Sound.Entries, Sound.Entries[0]] });

    [Fact]
    public void A_step_that_is_acknowledged_to_two_attempts() => Finds(StepPromises.Once, Ledger(Line(6, 8, "acknowledged", Order, "reserve", "1/r2")));

    [Fact]
    public void A_step_that_a_later_attempt_starts_again() => Finds(StepPromises.NotAgain, Ledger(Line(6, 8, "begin", Order, "-", "1"), Line(7, 8, "start", Order, "reserve", "1")));

    [Fact]
    public void A_step_that_the_same_attempt_starts_again() => Finds(StepPromises.NotAgain, Ledger(Line(6, 7, "start", Order, "reserve", "1")));

    [Fact]
    public void Nothing_in_a_start_by_an_attempt_that_had_begun_before_the_acknowledgement() =>
        Assert.Empty(Checker.Check(Ledger(Line(2, 8, "begin", Order, "-", "1"), Line(6, 8, "start", Order, "reserve", "1"))));

    [Fact]
    public void Nothing_in_a_start_by_what_was_on_its_way_during_a_pause() => Assert.Empty(Checker.Check(
        Ledger(Line(6, 8, "begin", Order, "-", "1"), Line(7, 8, "start", Order, "reserve", "1")) with { Faults = [Window(FaultKind.Pause, 2, 5)] }));

    [Fact]
    public void An_event_that_is_lost() => Finds(EventPromises.Committed, Sound with { Events = [], Runs = [.. Sound.Runs.Where(x => x.TriggerKind != "event")] });

    [Fact]
    public void An_event_that_is_stored_twice() => Finds(EventPromises.Committed, Sound with { Events = [.. Sound.Events, .. Sound.Events] });

    [Fact]
    public void An_event_that_nobody_has_committed() => Finds(EventPromises.Nothing, Sound with
    {
        Entries = Sound.Entries.Change(x => x.Key == "step:ship", x => x with { Topics = [] }),
    });

    [Fact]
    public void An_event_of_an_attempt_that_was_refused() => Finds(EventPromises.Nothing, Sound with
    {
        Events = Sound.Events.Change(_ => true, x => x with { Payload = x.Payload.Replace("s1", "s2", StringComparison.Ordinal) }),
    });

    [Fact]
    public void An_event_that_came_to_one_of_two_subscribers() => Finds(EventPromises.Delivered, Sound with { Runs = [.. Sound.Runs.Where(x => x.Id != Invoice)] });

    [Fact]
    public void An_event_that_came_twice() => Finds(EventPromises.Delivered, Sound with { Runs = [.. Sound.Runs, Sound.Runs.Single(x => x.Id == Invoice) with { Id = "run_twice" }] });

    [Fact]
    public void A_delivery_of_no_event() => Finds(EventPromises.Nothing, With(Invoice, x => x with { Payload = x.Payload.Replace("s1", "s2", StringComparison.Ordinal) }));

    [Fact]
    public void A_completed_run_that_has_emitted_nothing() => Finds(EventPromises.Complete, Sound with
    {
        Entries = Sound.Entries.Change(x => x.Key == "step:ship", x => x with { Topics = [] }),
        Events = [],
        Runs = [.. Sound.Runs.Where(x => x.TriggerKind != "event")],
    });

    [Fact]
    public void A_run_of_another_org() => Finds(OrgPromises.Apart, With(Invoice, x => x with { Org = "globex" }));

    [Fact]
    public void A_checkpoint_of_another_org() => Finds(OrgPromises.Apart, Sound with { Entries = [.. Sound.Entries, new("globex", Order, 1, "step:other", "1", [])] });

    [Fact]
    public void An_event_of_another_org() => Finds(OrgPromises.Apart, Sound with { Events = Sound.Events.Change(_ => true, x => x with { Org = "globex" }) });

    [Fact]
    public void A_list_that_shows_another_orgs_run() => Finds(OrgPromises.Apart, Sound with { Listed = [.. Sound.Listed, Sound.Listed[0] with { Org = "globex" }] });

    [Fact]
    public void A_run_that_came_to_another_orgs_worker() => Finds(OrgPromises.Apart, Ledger(Line(6, 8, "foreign", Order, "-", "1")));

    [Fact]
    public void An_attempt_that_begins_after_a_newer_one() => Finds(AttemptPromises.Succession, Sound with
    {
        Attempts = Sound.Attempts.Change(x => x.Epoch == 1, x => x with { Ended = x.Ended.AddSeconds(10) }),
    });

    [Fact]
    public void A_checkpoint_of_an_attempt_that_was_replaced() => Finds(StepPromises.Fenced, Sound with
    {
        Entries = Sound.Entries.Change(x => x.Key == "step:reserve", x => x with { Epoch = 2 }),
    });

    [Fact]
    public void Nothing_in_the_checkpoints_of_a_newer_attempt() =>
        Assert.Empty(Checker.Check(Sound with { Entries = Sound.Entries.Change(x => x.Key == "step:ship", x => x with { Epoch = 2 }) }));

    [Fact]
    public void A_job_that_counts_less_than_it_runs() => Finds(CounterPromises.Exact, Sound with { Miscounts = [new(Org, "order", 2, 1, 2, 2)] });

    [Fact]
    public void What_is_left_over() => Finds(QuietPromises.NothingLeft, Sound with { Leftovers = [new("executor.lease", 1)] });

    [Theory]
    [InlineData(29, 1, 1, 12, 12)]
    [InlineData(100, 0, 1, 12, 12)]
    [InlineData(100, 1, 0, 12, 12)]
    [InlineData(100, 1, 1, 11, 12)]
    [InlineData(100, 1, 1, 12, 11)]
    public void A_trial_that_proves_nothing(int touched, long fenced, long redelivered, int applied, int looks) =>
        Assert.Equal(Vacuity.Vacuous, Assert.Single(Vacuity.Check(100, touched, fenced, redelivered, 12, applied, looks)).Invariant);

    [Fact]
    public void Nothing_in_a_trial_that_was_hard_enough() => Assert.Empty(Vacuity.Check(100, 30, 1, 1, 12, 12, 12));

    [Fact]
    public void Runs_that_were_under_way_during_a_fault_count_as_touched()
    {
        Assert.Equal(0, Vacuity.Touched(Sound));
        Assert.Equal(Sound.Runs.Count, Vacuity.Touched(Sound with { Faults = [Window(FaultKind.Kill, 500_000_000, 2_000_000_000)] }));
        Assert.Equal(0, Vacuity.Touched(Sound with { Faults = [Window(FaultKind.Kill, 1_500_000_000, 2_000_000_000)] }));
    }

    static History With(string run, Func<RunRow, RunRow> change) => Sound with { Runs = Sound.Runs.Change(x => x.Id == run, change) };

    static History Ledger(params Tests.System.Harness.LedgerLine[] lines) => Sound with { Ledger = [.. Sound.Ledger, .. lines] };

    static void Finds(string invariant, History history) => Assert.Contains(Checker.Check(history), x => x.Invariant == invariant);
}
