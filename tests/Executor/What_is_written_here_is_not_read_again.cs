using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Tests.Executor;

/// <summary>An attempt's writes take one way to the store, as long as nothing is in doubt.</summary>
public sealed class What_is_written_here_is_not_read_again
{
    readonly Bench bench = new();

    [Fact]
    public async Task From_the_claim_to_the_end()
    {
        var run = bench.NewRun();
        await bench.Claim(run);
        Assert.Equal(1, bench.Memory.Opened);
        await bench.Step(run, "step:a");
        await bench.Step(run, "sleep:b", sleepMs: 1000);
        await bench.End(run, new(AttemptOutcomes.Suspended, WaitKeys: ["sleep:b"]));
        Assert.Equal(1, bench.Memory.Opened);
        Assert.Equal(AttemptOutcomes.Suspended, Assert.Single(bench.Memory.Ended).Ending.Outcome);
    }

    [Fact]
    public async Task From_an_attempt_that_nothing_contests_to_its_end()
    {
        var run = bench.NewRun();
        await bench.Engine.Process(
        [
            new ClaimItem(run, "worker", null) { Known = [], ClaimedAt = bench.Time.GetUtcNow() },
            new EndItem(RunKey.Of(run), 1, new(AttemptOutcomes.Completed), null),
        ]);
        Assert.Equal(0, bench.Memory.Opened);
        Assert.Single(bench.Memory.Ended);
    }

    [Fact]
    public async Task A_step_that_was_journaled_here_is_known_again()
    {
        var run = bench.NewRun();
        await bench.Claim(run);
        var first = await bench.Step(run, "sleep:a", sleepMs: 1000);
        bench.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(first.Verdict.Due, (await bench.Step(run, "sleep:a", sleepMs: 1000)).Verdict.Due);
        Assert.Single(bench.Memory.JournalOf(RunKey.Of(run)));
    }

    [Fact]
    public async Task After_a_commit_that_did_not_tell_the_store_is_asked()
    {
        var run = bench.NewRun();
        await bench.Claim(run);
        bench.Memory.FailAfterCommit = new IOException("gone");
        var sleep = new CheckpointItem(RunKey.Of(run), 1, new("sleep:a", RawJson.Null, SleepMs: 1000), null);
        await Assert.ThrowsAsync<IOException>(() => bench.Do(sleep));
        var due = bench.Time.GetUtcNow().AddSeconds(1);
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(due, (await bench.Do(sleep)).Verdict.Due);
        Assert.Equal(2, bench.Memory.Opened);
    }
}
