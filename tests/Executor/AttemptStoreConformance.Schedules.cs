using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Tests.Executor;

/// <summary>What a handler schedules leaves with its entry, and with nothing else.</summary>
public abstract partial class AttemptStoreConformance
{
    Task<CheckpointItem> Schedule(Bench bench, ExecuteRun run, string key, params ScheduledStart[] starts) =>
        bench.Do(new CheckpointItem(RunKey.Of(run), run.Epoch, new(key, RawJson.Trusted("1")) { Schedules = starts }, null));

    static ScheduledStart Start(ExecuteRun run, string key, int index, long delayMs = 0, DateTimeOffset? at = null) =>
        new(AttemptMessages.ScheduledRunOf(run.RunId, key, index), "ns:fn", RawJson.Trusted("{\"n\": 1}"), at, delayMs);

    static RunStart StartOf(Hosting.Bus.OutboxMessage message) => Assert.Single(Executor.Bench.Body<StartRun>(message).Starts);

    [Fact]
    public async Task A_schedule_commits_with_its_checkpoint()
    {
        var held = new TaskCompletionSource();
        var bench = new Bench(Store, _ => held.Task);
        var run = NewRun(bench);
        await bench.Claim(run);
        var at = bench.Time.GetUtcNow().AddYears(1);

        Assert.True((await Schedule(bench, run, "step:a", Start(run, "step:a", 0, 30_000), Start(run, "step:a", 1, at: at))).Verdict.IsAck);

        Assert.Equal([Queues.Starts, Queues.Starts], bench.Sent.Select(x => x.Queue));
        var (first, second) = (StartOf(bench.Sent[0]), StartOf(bench.Sent[1]));
        Assert.Equal((org, "ns:fn", "{\"n\": 1}", bench.Time.GetUtcNow().AddSeconds(30)), (first.OrgId, first.Job, first.Payload.ToString(), first.RunAt));
        Assert.Equal((TriggerKinds.Schedule, run.RunId.ToString()), (first.Trigger.Kind, first.Trigger.Id));
        Assert.Equal(at, second.RunAt);
        Assert.NotEqual(first.RunId, second.RunId);
        // Until the broker has them they are in the outbox, under their runs' ids.
        Assert.Equal([first.RunId.Value, second.RunId.Value], bench.Sent.Select(x => x.Id));
        var left = await Store.OutboxLeftovers(bench.Time.GetUtcNow().AddSeconds(1), bench.Time.GetUtcNow(), default, 10_000, default);
        Assert.Equal(bench.Sent.Select(x => x.Id).Order(), left.Where(x => x.OrgId == org).Select(x => x.Id).Order());
        held.SetResult();
    }

    [Fact]
    public async Task The_same_checkpoint_again_schedules_nothing_again()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        await Schedule(bench, run, "schedule:0", Start(run, "schedule:0", 0));
        bench.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.True((await Schedule(bench, run, "schedule:0", Start(run, "schedule:0", 0))).Verdict.IsAck);
        Assert.Single(bench.Sent);
    }

    [Fact]
    public async Task A_fenced_attempt_schedules_nothing()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        await bench.Claim(run with { Epoch = 2 });

        Assert.Equal(RefuseCodes.Superseded, (await Schedule(bench, run, "step:a", Start(run, "step:a", 0))).Verdict.Code);
        Assert.Empty(bench.Sent);

        // What the newer one schedules there is the same run.
        Assert.True((await Schedule(bench, run with { Epoch = 2 }, "step:a", Start(run, "step:a", 0))).Verdict.IsAck);
        Assert.Equal(AttemptMessages.ScheduledRunOf(run.RunId, "step:a", 0), StartOf(Assert.Single(bench.Sent)).RunId);
    }

    [Fact]
    public async Task Args_over_the_limit_are_refused_with_their_step()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        var start = Start(run, "step:a", 0) with { Args = RawJson.Trusted('"' + new string('x', 1 << 20) + '"') };
        var verdict = (await Schedule(bench, run, "step:a", start)).Verdict;
        Assert.Equal((RefuseCodes.TooLarge, "The args of \"ns:fn\" in \"step:a\" has 1,048,578 bytes; at most 1,048,576 are allowed."), (verdict.Code, verdict.Message));
        Assert.Empty(bench.Sent);
    }
}
