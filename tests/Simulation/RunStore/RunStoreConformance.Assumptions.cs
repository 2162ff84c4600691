using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Simulation.RunStore;

/// <summary>A transaction that read nothing commits only what it would have read.</summary>
public abstract partial class RunStoreConformance
{
    /// <summary>What a reader finds now of the job and these runs.</summary>
    async Task<KnownRows> Known(params Run[] runs)
    {
        await using var transaction = await Store.Open(Keys(runs));
        return new(new Dictionary<JobKey, JobLoad>(transaction.Loads), new Dictionary<RunKey, Run>(transaction.Runs));
    }

    async Task CommitAssuming(KnownRows known, Action<RunChanges> change, RunKeys? keys = null)
    {
        await using var transaction = Store.Assume(keys ?? Keys(known.Runs.Values), known);
        var changes = new RunChanges();
        change(changes);
        await transaction.Commit(changes);
    }

    async Task<Run> Running()
    {
        var run = NewRun(nameof(RunStateMachine.Running));
        (run.Executor, run.DispatchedAt, run.Epoch) = (Ids.Next(), now, 1);
        await Commit(x => { x.Inserted.Add(run); x.Loads.Add((Job, 1, 1)); });
        return run;
    }

    static Run Completed(Run run)
    {
        var after = run.Copy();
        (after.CurrentState, after.Due, after.CompletedAt, after.Executor, after.DispatchedAt) = (nameof(RunStateMachine.Completed), false, run.CreatedAt, null, null);
        return after;
    }

    [Fact]
    public async Task What_is_as_assumed_is_committed()
    {
        await Register();
        var run = await Running();
        var next = NewRun();
        await CommitAssuming(await Known(run), x => { x.Updated.Add(Completed(run)); x.Inserted.Add(next); x.Loads.Add((Job, 1, 0)); }, Keys([run, next]));
        Assert.Equal(RunStatus.Completed, (await Find(run))!.Status);
        Assert.Equal(RunStatus.Pending, (await Find(next))!.Status);
        Assert.Equal((1, 0), (await Known()).Loads[Job] is var load ? (load.Due, load.Running) : default);
    }

    [Theory]
    [InlineData("counters")]
    [InlineData("job")]
    [InlineData("run's status")]
    [InlineData("run's epoch")]
    public async Task What_another_has_changed_is_refused_and_nothing_is_written(string changed)
    {
        await Register();
        var run = await Running();
        var known = await Known(run);
        if (changed == "counters")
            await Commit(x => x.Loads.Add((Job, 2, 1)));
        else if (changed == "job")
            await Register(new Job { OrgId = org, Name = "job", Handler = "another", Retry = known.Loads[Job].Job!.Retry, TimeoutMs = 1000, MaxConcurrency = 8, RetentionDays = 30 });
        else
            await Commit(x =>
            {
                var other = run.Copy();
                if (changed == "run's epoch")
                    other.Epoch++;
                else
                    (other.CurrentState, other.Executor, other.DispatchedAt, other.CompletedAt, other.Due) = (nameof(RunStateMachine.Cancelled), null, null, now, false);
                x.Updated.Add(other);
            }, Keys([run]));

        var next = NewRun();
        var stale = await Assert.ThrowsAsync<StaleRead>(() => CommitAssuming(known, x => x.Inserted.Add(next), Keys([run, next])));
        Assert.False(stale.IsThere);
        Assert.Null(await Find(next));
        await Assert.ThrowsAsync<StaleRead>(() => CommitAssuming(known, _ => { }));
        await CommitAssuming(await Known(run), x => x.Inserted.Add(next), Keys([run, next]));
        Assert.NotNull(await Find(next));
    }

    [Fact]
    public async Task What_is_there_although_it_was_not_to_be_is_refused()
    {
        await Register();
        var (run, next) = (NewRun(), NewRun());
        var key = new IdempotencyKey(org, "job", "k");
        await Commit(x => { x.Inserted.Add(run); x.Idempotency.Add((key, new(run.Id, [1], now.AddHours(1)))); });
        var known = await Known();
        foreach (var act in new Func<Task>[]
        {
            () => CommitAssuming(known, x => x.Inserted.AddRange([next, run]), Keys([run, next])),
            () => CommitAssuming(known, _ => { }, Keys([run])),
            () => CommitAssuming(known, x => x.Inserted.Add(next), Keys([next], [key])),
        })
            Assert.True((await Assert.ThrowsAsync<StaleRead>(act)).IsThere);
        Assert.Null(await Find(next));
    }

    [Fact]
    public async Task Another_orgs_rows_cannot_be_assumed()
    {
        await Register();
        var known = await Known(await Running());
        await Assert.ThrowsAsync<StaleRead>(() => CommitAssuming(known, _ => { }, new(["someone"], [Job], [.. known.Runs.Keys], [], [])));
    }
}
