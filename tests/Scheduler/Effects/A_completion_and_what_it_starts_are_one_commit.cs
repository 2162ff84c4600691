using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Effects;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler.Effects;

/// <summary>Over each store: the run's end and the runs that its result asks for are there together, once, or not at all.</summary>
public abstract class A_completion_and_what_it_starts_are_one_commit
{
    protected const string Definition = "nightly-order-processing";
    protected const string Other = "daily-report";

    protected static readonly Job[] Jobs =
    [
        Given.Job() with { CreatedAt = ManualTime.Start, UpdatedAt = ManualTime.Start },
        Given.Job(name: Definition) with { ComponentId = "process-orders.hreactor", CreatedAt = ManualTime.Start, UpdatedAt = ManualTime.Start },
        Given.Job(name: Other) with { ComponentId = "report", CreatedAt = ManualTime.Start, UpdatedAt = ManualTime.Start },
    ];

    protected abstract IRunStore Store { get; }

    protected abstract Task<IReadOnlyList<Run>> Runs();

    protected abstract Task<int> DeadLetters();

    RunBench? made;

    private protected RunBench Bench => made ??= new RunBench(Store).Serving();

    [Fact]
    public async Task The_next_link_of_a_chain_starts_when_it_is_due()
    {
        var first = await Start(Definition);
        Bench.Time.Advance(TimeSpan.FromMinutes(10));
        await End(first, """{"effect":"scheduleJob","definition":"nightly-order-processing","at":"now addHours 1","parameters":{"page": 2}}""");

        var next = Assert.Single(await Runs(), x => x.Id != first);
        Assert.Equal(RunStatus.Completed, (await Runs()).Single(x => x.Id == first).Status);
        // An hour after the end, not after the start.
        Assert.Equal((RunStatus.Pending, Bench.Time.GetUtcNow().AddHours(1), false), (next.Status, next.RunAt, next.Due));
        Assert.Equal(("""{"page": 2}""", TriggerKinds.Effect, first.ToString()), (next.Payload.ToString(), next.Trigger.Kind, next.Trigger.Id));
        Assert.True(next.Id.CompareTo(first) > 0);

        Bench.Time.Advance(TimeSpan.FromHours(1));
        await Bench.Due(next.Id, 0, next.WakeAt!.Value, Given.Org, Definition);
        Assert.Contains(Bench.Executes, x => x.RunId == next.Id);
        await End(next.Id, "{}", job: Definition);
        Assert.Equal(2, (await Runs()).Count);
    }

    [Fact]
    public async Task Effects_of_several_definitions_at_once_run_at_once()
    {
        var run = await Start(Definition);
        await End(run, """{"sent": 3, "effects": [{"effect":"scheduleJob","definition":"daily-report","at":"now"},{"effect":"scheduleJob","definition":"nightly-order-processing","at":"now"}]}""");
        Assert.Equal([Other, Definition], (await Runs()).Where(x => x.Id != run).OrderBy(x => x.Job, StringComparer.Ordinal).Select(x => x.Job));
        Assert.Equal(3, Bench.Executes.Count);
    }

    [Theory]
    [InlineData("""{"effect":"scheduleJob","definition":"none-such","at":"now"}""", "/definition: there is no job definition \"none-such\"")]
    [InlineData("""{"effect":"scheduleJob","definition":"process-order","at":"now"}""", "/definition: there is no job definition \"process-order\"")]
    [InlineData("""[{"effect":"scheduleJob","definition":"daily-report","at":"now"},{"effect":"scheduleJob","definition":"daily-report","at":"soon"}]""", "/1/at: must be now")]
    public async Task A_wrong_effect_fails_the_run_for_good_and_nothing_is_applied(string result, string fault)
    {
        var (run, neighbour) = (await Start(Definition), await Start(Given.JobName));
        var (wrong, right) = (Outcome(run, Definition, result), Outcome(neighbour, Given.JobName, "42"));
        await Bench.Commit(wrong, right);

        Assert.Equal((RunStatus.Failed, EffectConclusion.InvalidEffect), (wrong.After!.Status, wrong.After.Error!.Code));
        Assert.StartsWith(fault, wrong.After.Error.Message, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Completed, right.After!.Status);
        Assert.Equal((2, 1), ((await Runs()).Count, await DeadLetters()));
    }

    [Fact]
    public async Task Another_jobs_result_is_no_effect_whatever_it_looks_like()
    {
        var run = await Start(Given.JobName);
        await End(run, """{"effect":"scheduleJob","definition":"daily-report","at":"now"}""", job: Given.JobName);
        Assert.Equal(RunStatus.Completed, Assert.Single(await Runs()).Status);
    }

    [Fact]
    public async Task The_outcome_that_comes_twice_starts_nothing_twice()
    {
        var run = await Start(Definition);
        const string result = """[{"effect":"scheduleJob","definition":"daily-report","at":"now addDays 1"},{"effect":"scheduleJob","definition":"daily-report","at":"now addDays 1"}]""";
        await Bench.Commit(Outcome(run, Definition, result), Outcome(run, Definition, result));
        await Bench.Commit(Outcome(run, Definition, result));
        Assert.Equal(3, (await Runs()).Count);
    }

    protected async Task<RunId> Start(string job)
    {
        var item = Bench.Accepting(job: job);
        await Bench.Commit(item);
        return item.Answer;
    }

    protected Task End(RunId run, string result, string job = Definition) => Bench.Commit(Outcome(run, job, result));

    LocalItem<AttemptFinished> Outcome(RunId run, string job, string result)
    {
        var now = Bench.Time.GetUtcNow();
        return new(new(Given.Org, job), new(Given.Org, run),
            new(Given.Org, run, job, 1, AttemptOutcomes.Completed, RawJson.Trusted(result), null, false, null, now, now), machine => machine.Finished, mayFreeSlot: true);
    }
}

public sealed class A_completion_and_what_it_starts_in_memory : A_completion_and_what_it_starts_are_one_commit
{
    readonly MemoryRunStore store = new();

    public A_completion_and_what_it_starts_in_memory()
    {
        foreach (var job in Jobs)
            store.Register(job);
    }

    protected override IRunStore Store => store;

    protected override Task<IReadOnlyList<Run>> Runs() => Task.FromResult<IReadOnlyList<Run>>([.. store.Runs.Values]);

    protected override Task<int> DeadLetters() => Task.FromResult(store.DeadLetters.Count);

    /// <summary>The group goes through on what the last ones left; where that is not so, it is read, and comes to the same.</summary>
    [Fact]
    public async Task It_is_assumed_as_any_other()
    {
        var bench = new RunBench(store).Serving();
        var first = bench.Accepting(job: Definition);
        await bench.Commit(first);
        var now = bench.Time.GetUtcNow();
        var before = store.Groups;
        await bench.Commit(new LocalItem<AttemptFinished>(new(Given.Org, Definition), first.Run,
            new(Given.Org, first.Run.Id, Definition, 1, AttemptOutcomes.Completed, RawJson.Trusted("""{"effect":"scheduleJob","definition":"nightly-order-processing","at":"now"}"""), null, false, null, now, now),
            machine => machine.Finished));
        Assert.Equal((before.Read, before.Assumed + 1), store.Groups);
        Assert.Equal(2, store.Runs.Count);
    }

    [Fact]
    public async Task A_commit_that_happened_and_did_not_tell_starts_nothing_twice()
    {
        const string result = """{"effect":"scheduleJob","definition":"daily-report","at":"now addDays 1"}""";
        var run = await Start(Definition);
        store.FailAfterCommit = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => End(run, result));
        await End(run, result);
        Assert.Equal(2, store.Runs.Count);
    }
}

[Collection(PostgresCollection.Name)]
public sealed class A_completion_and_what_it_starts_in_PostgreSQL(EmptiedDatabase emptied) : A_completion_and_what_it_starts_are_one_commit, IClassFixture<EmptiedDatabase>, IAsyncLifetime
{
    Database database = null!;

    protected override IRunStore Store => database.Store;

    public async Task InitializeAsync() => database = await emptied.With(Jobs);

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>What the groups before have left says that the definition is there; the commit finds that it is not.</summary>
    [Fact]
    public async Task A_definition_that_somebody_has_deleted_meanwhile_is_none()
    {
        var (run, other) = (await Start(Definition), await Start(Other));
        await End(other, "42", job: Other);
        await database.Registry.Delete(Given.Org, Other, Bench.Time.GetUtcNow(), default);
        await End(run, """{"effect":"scheduleJob","definition":"daily-report","at":"now"}""");
        var failed = Assert.Single(await Runs(), x => x.Id == run);
        Assert.Equal((RunStatus.Failed, EffectConclusion.InvalidEffect), (failed.Status, failed.Error!.Code));
        Assert.Equal(2, (await Runs()).Count);
    }

    protected override async Task<IReadOnlyList<Run>> Runs()
    {
        var rows = await database.Registry.Read(Given.Org, db => Task.FromResult(db.Runs.Select(x => x.Id).ToArray()), default);
        var queries = new RunQueries(database.Service);
        return [.. await Task.WhenAll(rows.Select(async id => (await queries.Find(Given.Org, new(id), default))!))];
    }

    protected override Task<int> DeadLetters() => database.Registry.Read(Given.Org, db => Task.FromResult(db.DeadLetters.Count()), default);
}
