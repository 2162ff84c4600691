using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Tests.Executor;

public sealed class An_attempt_begins_before_its_lease_where_nothing_contests_it : IDisposable
{
    readonly ManualTime time = new();
    readonly KnownJournals journals = new();
    readonly List<AttemptItem> posted = [];
    readonly Host host = new();
    readonly AttemptInbox inbox;
    readonly Dispatcher dispatcher;
    readonly RunId run = new(new Guid("01890000-0000-7000-8000-000000000001"));

    public An_attempt_begins_before_its_lease_where_nothing_contests_it()
    {
        inbox = new(posted.Add, time);
        dispatcher = new(inbox, journals, time);
        dispatcher.Join(host, "acme", ["h"]);
    }

    public void Dispose()
    {
        dispatcher.Dispose();
        inbox.Dispose();
    }

    [Fact]
    public void A_first_dispatch_of_a_recent_advertisement()
    {
        dispatcher.Receive(Dispatch(1, asOf: 0));
        Assert.Single(host.Started);
        Assert.Empty(posted);
    }

    [Fact]
    public void Its_lease_goes_in_before_its_first_write()
    {
        dispatcher.Receive(Dispatch(1, asOf: 0));
        inbox.Post(new CheckpointItem(new("acme", run), 1, new("step:a", default), null));
        Assert.Equal([typeof(ClaimItem), typeof(CheckpointItem)], posted.Select(x => x.GetType()));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, posted.Count);
    }

    [Fact]
    public void Its_lease_goes_in_by_itself_when_it_writes_nothing()
    {
        dispatcher.Receive(Dispatch(1, asOf: 0));
        time.Advance(TimeSpan.FromMilliseconds(52));
        Assert.IsType<ClaimItem>(Assert.Single(posted));
    }

    [Fact]
    public void It_goes_on_while_the_store_is_away_and_its_lease_goes_in_again_before_its_next_write()
    {
        dispatcher.Receive(Dispatch(1, asOf: 0));
        var checkpoint = new CheckpointItem(new("acme", run), 1, new("step:a", default), null);
        inbox.Post(checkpoint);
        foreach (var item in posted.ToArray())
            item.Fail(new StoreUnavailable("away"));
        Assert.Empty(host.Aborted);
        inbox.Post(checkpoint);
        Assert.Equal([typeof(ClaimItem), typeof(CheckpointItem), typeof(ClaimItem), typeof(CheckpointItem)], posted.Select(x => x.GetType()));
        Answer(posted[2], ClaimDecision.Superseded);
        Assert.Single(host.Aborted);
    }

    [Fact]
    public void It_is_over_when_its_lease_cannot_be_written_for_another_reason()
    {
        dispatcher.Receive(Dispatch(1, asOf: 0));
        time.Advance(TimeSpan.FromMilliseconds(52));
        Assert.Single(posted).Fail(new InvalidOperationException("broken"));
        Assert.Single(host.Aborted);
        Assert.Equal(0, dispatcher.Live);
    }

    [Fact]
    public void An_end_that_nobody_waits_for_is_tried_again_whatever_the_store_says()
    {
        dispatcher.Receive(Dispatch(1, asOf: null));
        Answer(posted.Single(), ClaimDecision.Claimed);
        dispatcher.Leave(host);
        foreach (var failure in new Exception[] { new InvalidOperationException("broken"), new StoreUnavailable("away") })
        {
            var tries = posted.Count;
            Assert.IsType<EndItem>(posted[^1]).Fail(failure);
            Assert.Equal(tries, posted.Count);
            time.Advance(TimeSpan.FromSeconds(1.1));
            Assert.Equal(tries + 1, posted.Count);
        }

        Assert.IsType<EndItem>(posted[^1]).Complete();
        Assert.Equal(0, dispatcher.Live);
    }

    [Fact]
    public void Not_when_the_advertisement_is_old()
    {
        time.Advance(TimeSpan.FromSeconds(4));
        dispatcher.Receive(Dispatch(1, asOf: 0));
        Assert.Empty(host.Started);
        Assert.IsType<ClaimItem>(Assert.Single(posted));
    }

    [Fact]
    public void Not_when_it_is_sent_again() => BeginsNot(Dispatch(1, asOf: null));

    [Fact]
    public void Not_when_it_takes_over_checkpoints() => BeginsNot(Dispatch(1, asOf: 0) with { Shares = run });

    [Fact]
    public void Not_when_a_copy_came_before_it_even_one_that_was_sent_later()
    {
        dispatcher.Receive(Dispatch(1, asOf: null));
        Answer(posted.Single(), ClaimDecision.Ended);
        Assert.Equal(0, dispatcher.Live);
        BeginsNot(Dispatch(1, asOf: 0));
    }

    [Fact]
    public void A_wake_where_the_attempt_before_it_suspended_here()
    {
        Suspend(epoch: 1);
        dispatcher.Receive(Dispatch(2, asOf: 0));
        Assert.Equal("step:a", Assert.Single(Assert.Single(host.Started).Journal).Key);
    }

    [Fact]
    public void Not_a_wake_after_an_attempt_elsewhere()
    {
        Suspend(epoch: 1);
        BeginsNot(Dispatch(3, asOf: 0));
    }

    [Fact]
    public void Not_a_wake_whose_journal_is_in_doubt()
    {
        journals.Begin(new("acme", run), 1, []);
        journals.Doubt(new("acme", run));
        journals.End(new("acme", run), Ended(1));
        BeginsNot(Dispatch(2, asOf: 0));
    }

    [Fact]
    public void What_is_kept_of_sleeping_runs_is_bounded()
    {
        var large = new JournalEntry("step:a", 1, 1, RawJson.Trusted('"' + new string('x', 15_000) + '"'));
        var runs = Enumerable.Range(0, 2_000).Select(n => new RunKey("acme", new(new Guid(n, 0, 0, new byte[8])))).ToArray();
        foreach (var key in runs)
        {
            journals.Begin(key, 1, [large]);
            journals.End(key, Ended(1));
        }

        Assert.Null(journals.TakeSuspended(runs[0], 1));
        Assert.NotNull(journals.TakeSuspended(runs[^1], 1));
        Assert.InRange(runs.Count(key => journals.TakeSuspended(key, 1) is not null), 1_000, 1_100);
    }

    void BeginsNot(ExecuteRun dispatch)
    {
        posted.Clear();
        dispatcher.Receive(dispatch);
        Assert.Empty(host.Started);
        Assert.IsType<ClaimItem>(Assert.Single(posted));
    }

    void Suspend(int epoch)
    {
        journals.Begin(new("acme", run), epoch, []);
        journals.Add(new("acme", run), new("step:a", epoch, 1, RawJson.Trusted("1")));
        journals.End(new("acme", run), Ended(epoch));
    }

    EndedAttempt Ended(int epoch) => new(new("acme", run), epoch, 1, "job", "w", default, default, new(AttemptOutcomes.Suspended));

    static void Answer(AttemptItem item, ClaimDecision decision)
    {
        ((ClaimItem)item).Decision = decision;
        item.Complete();
    }

    ExecuteRun Dispatch(int epoch, long? asOf) => new("acme", run, epoch, 1, 3, "job", "h", RawJson.Trusted("{}"), RunTrigger.Manual, 60_000, default, AsOf: asOf);

    sealed class Host() : AttemptHost("host", 10)
    {
        public List<LiveAttempt> Started { get; } = [];

        public override void Start(LiveAttempt attempt) => Started.Add(attempt);

        public List<LiveAttempt> Aborted { get; } = [];

        public override void Abort(LiveAttempt attempt, string reason) => Aborted.Add(attempt);
    }
}
