using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Tests.Executor;

/// <summary>A commit that fails may have happened: the same group again gives the same answers.</summary>
public sealed class Groups_survive_uncertain_commits
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_item_is_answered_as_if_nothing_had_failed(bool committed)
    {
        var bench = new Bench();
        var (first, second, cancelled) = (bench.NewRun(), bench.NewRun(), bench.NewRun());
        await bench.Claim(first);
        await bench.Claim(cancelled);
        AttemptItem[] group =
        [
            new ClaimItem(second, "w", null),
            new CheckpointItem(RunKey.Of(first), 1, new("sleep:a", default, SleepMs: 1000), null),
            new CheckpointItem(RunKey.Of(first), 1, new("step:b", default, Events: [new("t", RawJson.Trusted("1"))]), null),
            new EndItem(RunKey.Of(first), 1, new(AttemptOutcomes.Suspended, WaitKeys: ["sleep:a"]), null),
            new CancelItem(new("acme", cancelled.RunId, 1, "cancelled"), null),
        ];
        if (committed)
            bench.Memory.FailAfterCommit = new IOException("the answer was lost");
        else
            bench.Memory.FailBeforeCommit = new IOException("the line was lost");

        await Assert.ThrowsAsync<IOException>(() => bench.Engine.Process(group));
        bench.Time.Advance(TimeSpan.FromMilliseconds(50));
        await bench.Engine.Process(group);

        Assert.Equal(ClaimDecision.Claimed, ((ClaimItem)group[0]).Decision);
        Assert.All(group, x => Assert.True(x.Verdict.IsAck));
        Assert.Equal(bench.Time.GetUtcNow().AddMilliseconds(committed ? 950 : 1000), group[1].Verdict.Due);
        Assert.Equal([second.RunId], bench.Memory.Leases.Keys.Select(x => x.Run));
        Assert.Equal(["sleep:a", "step:b"], bench.Memory.JournalOf(RunKey.Of(first)).Select(x => x.Key));
        Assert.Single(bench.Sent, x => Bench.TypeOf(x) == nameof(AttemptSuspended));
        Assert.Single(bench.Memory.Outbox, x => Bench.TypeOf(x) == nameof(EventEmitted));
    }

    [Fact]
    public async Task Confirmed_messages_come_back_when_their_deletion_fails()
    {
        var bench = new Bench();
        var run = bench.NewRun();
        await bench.Claim(run);
        await bench.Complete(run);
        bench.Memory.FailBeforeCommit = new IOException("the line was lost");
        await Assert.ThrowsAsync<IOException>(() => bench.Engine.Process([new FlushOutboxItem()]));
        Assert.Single(bench.Memory.Outbox);
        await bench.Engine.Process([new FlushOutboxItem()]);
        Assert.Empty(bench.Memory.Outbox);
    }

    [Fact]
    public async Task A_journals_limit_counts_what_earlier_attempts_wrote()
    {
        var bench = new Bench();
        var run = bench.NewRun();
        await bench.Claim(run);
        var output = "\"" + new string('x', (1 << 20) - 2) + "\"";
        for (var i = 0; i < 63; i++)
            Assert.True((await bench.Step(run, $"step:{i}", output)).Verdict.IsAck);
        var next = run with { Epoch = 2 };
        await bench.Claim(next);
        Assert.Equal(RefuseCodes.TooLarge, (await bench.Step(next, "step:63", output)).Verdict.Code);
        Assert.True((await bench.Step(next, "step:64", "1")).Verdict.IsAck);
    }

    [Fact]
    public async Task A_replaced_attempt_is_in_the_history_as_lost()
    {
        var bench = new Bench();
        var run = bench.NewRun();
        await bench.Claim(run);
        await bench.Claim(run with { Epoch = 2 });
        Assert.Equal((1, AttemptOutcomes.Lost), bench.Memory.Ended.Select(x => (x.Epoch, x.Ending.Outcome)).Single());
        Assert.Empty(bench.Sent);
    }
}
