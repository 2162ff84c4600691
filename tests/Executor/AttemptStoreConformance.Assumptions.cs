using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Tests.Executor;

/// <summary>A transaction that read nothing commits only on the leases that it was told of.</summary>
public abstract partial class AttemptStoreConformance
{
    /// <summary>Writes a message, which shows whether the commit happened, on the assumption that the run has this lease, or none and no end of the epoch.</summary>
    async Task<bool> Assuming(Bench bench, ExecuteRun run, Lease? lease)
    {
        var key = RunKey.Of(run);
        var query = new AttemptQuery { Orgs = { org }, Leases = { key }, Latest = { [key] = run.Epoch } };
        var assumed = new AttemptSnapshot();
        if (lease is not null)
            assumed.Leases[key] = lease;
        var changes = new AttemptChanges { Orgs = query.Orgs, At = bench.Time.GetUtcNow(), Entries = { (key, new($"step:{bench.Ids.Next()}", run.Epoch, 1, RawJson.Null)) } };
        try
        {
            await using var transaction = Store.Assume(query, assumed);
            await transaction.Commit(changes);
            return true;
        }
        catch (StaleRead stale)
        {
            Assert.Equal(lease is null, stale.IsThere);
            return false;
        }
    }

    async Task<(Lease? Lease, IReadOnlyList<JournalEntry> Journal)> Now(ExecuteRun run)
    {
        var key = RunKey.Of(run);
        await using var transaction = await Store.Open(new() { Orgs = { org }, Leases = { key }, Journals = { key } });
        return (transaction.Snapshot.Leases.GetValueOrDefault(key), transaction.Snapshot.Journals.GetValueOrDefault(key) ?? []);
    }

    [Fact]
    public async Task A_lease_that_is_as_assumed_lets_the_commit_through()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        Assert.True(await Assuming(bench, run, (await Now(run)).Lease));
        Assert.Single((await Now(run)).Journal);
    }

    [Fact]
    public async Task A_lease_that_is_gone_or_newer_or_anothers_does_not()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        var lease = (await Now(run)).Lease!;
        Assert.False(await Assuming(bench, run, lease with { Instance = bench.Ids.Next() }));
        await bench.Claim(run with { Epoch = 2 });
        Assert.False(await Assuming(bench, run, lease));
        await bench.Complete(run with { Epoch = 2 });
        Assert.False(await Assuming(bench, run, lease));
        Assert.Empty((await Now(run)).Journal);
    }

    [Fact]
    public async Task A_first_write_goes_through_where_there_is_no_lease_and_no_end()
    {
        var bench = Bench();
        var run = NewRun(bench);
        Assert.True(await Assuming(bench, run, null));
        await bench.Claim(run);
        Assert.False(await Assuming(bench, run, null));
        await bench.Complete(run);
        Assert.False(await Assuming(bench, run, null));
        Assert.True(await Assuming(bench, run with { Epoch = 2 }, null));
        Assert.Equal(2, (await Now(run)).Journal.Count);
    }

    [Fact]
    public async Task An_engine_learns_that_another_has_taken_its_run()
    {
        var (bench, other) = (Bench(), Bench());
        var run = NewRun(bench);
        await bench.Claim(run);
        Assert.True((await bench.Step(run, "step:a")).Verdict.IsAck);
        Assert.Equal(["step:a"], (await other.Claim(run with { Epoch = 2 })).Journal.Select(x => x.Key));
        Assert.Equal(RefuseCodes.Superseded, (await bench.Step(run, "step:b")).Verdict.Code);
        Assert.Equal(RefuseCodes.Superseded, (await bench.Complete(run)).Verdict.Code);
        Assert.True((await other.Step(run with { Epoch = 2 }, "step:b")).Verdict.IsAck);
    }
}
