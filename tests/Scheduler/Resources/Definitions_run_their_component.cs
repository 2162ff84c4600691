using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Resources;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Tests.Scheduler.Resources;

/// <summary>A job definition is a job whose handler is that of its component; all that is written together is written, or nothing.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Definitions_run_their_component(EmptiedDatabase emptied) : IClassFixture<EmptiedDatabase>, IAsyncLifetime
{
    const string Component = "process-orders.hreactor";
    const string Definition = "nightly-order-processing";

    Database database = null!;
    ResourceStore store = null!;
    RunBench bench = null!;

    public async Task InitializeAsync()
    {
        database = await emptied.With(Given.Job());
        bench = new RunBench(database.Store).Serving(handler: "process").Serving(handler: "again");
        store = new(database.Registry, new SchedulerOptions(), bench.Time);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Which_may_be_written_again_and_changed()
    {
        Assert.Equal([WriteOutcome.Created, WriteOutcome.Created], await Apply(Define(Definition), Running("process")));
        Assert.Equal([WriteOutcome.Unchanged, WriteOutcome.Unchanged], await Apply(Define(Definition), Running("process")));
        var later = await Schedule(bench.Time.GetUtcNow().AddDays(1));
        Assert.Equal("process", (await Living())!.Handler);

        Assert.Equal([WriteOutcome.Changed], await Apply(Running("again")));

        // What is due tomorrow runs what the component is then.
        Assert.Equal(("again", "again"), ((await Living())!.Handler, (await Run(later)).Handler));
        bench.Time.Advance(TimeSpan.FromDays(1));
        await bench.Due(later, 0, (await Run(later)).WakeAt!.Value, job: Definition);
        Assert.Equal("again", Assert.Single(bench.Executes).Handler);
    }

    [Fact]
    public async Task And_a_handler_where_there_is_no_such_component_until_there_is()
    {
        await Apply(Define(Definition));
        Assert.Equal(Component, (await Living())!.Handler);
        await Apply(Running("process"));
        Assert.Equal("process", (await Living())!.Handler);
    }

    [Fact]
    public async Task Settings_of_the_job_stay_when_the_definition_is_written_again()
    {
        await Apply(Define(Definition));
        await database.Registry.Register(Given.Org, [(await Living())! with { RetentionDays = 3 }], mayUpdate: true, default);
        await Apply(Define(Definition, "other"));
        Assert.Equal((3, "other"), ((await Living())!.RetentionDays, (await Living())!.ComponentId));
    }

    [Fact]
    public async Task A_job_of_the_name_that_is_no_definition_refuses_everything()
    {
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => Apply(Running("process"), Define("fine"), Define(Given.JobName)));
        Assert.Equal((409, "job_exists", "/documents/2"), (refusal.Problem.Status, refusal.Problem.Code, refusal.Problem.Errors![0].Pointer));
        Assert.Null(await store.FindComponent(Given.Org, Component, default));
        Assert.Null(await store.FindDefinition(Given.Org, "fine", default));
        Assert.Null((await database.Registry.Find(Given.Org, Given.JobName, default))!.ComponentId);
    }

    [Fact]
    public async Task And_a_definition_is_not_overwritten_as_a_job()
    {
        await Apply(Define(Definition));
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => database.Registry.Register(Given.Org, [Given.Job(name: Definition)], mayUpdate: true, default));
        Assert.Equal("job_exists", refusal.Problem.Code);
        var change = Assert.Throws<ProblemException>(() => JobRequest.Change(
            Given.Job(name: Definition) with { ComponentId = Component }, new(System.Text.Json.JsonDocument.Parse("""{"function_name": "other"}""").RootElement, ""), new(), bench.Time.GetUtcNow()));
        Assert.Equal("/function_name", Assert.Single(change.Problem.Errors!).Pointer);
    }

    [Fact]
    public async Task A_component_that_is_used_stays_and_names_its_users()
    {
        await Apply(Running("process"), Define("b"), Define("a"));
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => store.DeleteComponent(Given.Org, Component, default));
        Assert.Equal((409, "component_in_use"), (refusal.Problem.Status, refusal.Problem.Code));
        Assert.Contains("a, b", refusal.Problem.Detail, StringComparison.Ordinal);
        await database.Registry.Delete(Given.Org, "a", bench.Time.GetUtcNow(), default);
        await database.Registry.Delete(Given.Org, "b", bench.Time.GetUtcNow(), default);
        Assert.True(await store.DeleteComponent(Given.Org, Component, default));
        Assert.False(await store.DeleteComponent(Given.Org, Component, default));
    }

    [Fact]
    public async Task Deleted_its_pending_jobs_fail_when_they_are_due_and_those_that_wait_at_once()
    {
        await Apply(Define(Definition, "nobody-serves-this"));
        var (waits, later) = (await Schedule(null), await Schedule(bench.Time.GetUtcNow().AddDays(1)));
        await Deletion().Delete(Given.Org, Definition, default);

        Assert.Equal((RunStatus.Failed, "definition_deleted"), ((await Run(waits)).Status, (await Run(waits)).Error!.Code));
        Assert.Equal(RunStatus.Pending, (await Run(later)).Status);
        bench.Time.Advance(TimeSpan.FromDays(1));
        await bench.Due(later, 0, (await Run(later)).WakeAt!.Value, job: Definition);
        Assert.Equal((RunStatus.Failed, "definition_deleted"), ((await Run(later)).Status, (await Run(later)).Error!.Code));
        Assert.Equal(2, await Count("select count(*) from dead_letter"));
        Assert.Equal(0, await Count("select due from job_load where job = 'nightly-order-processing'"));
    }

    [Fact]
    public async Task Made_again_before_they_are_due_they_run()
    {
        await Apply(Define(Definition, "process"));
        var later = await Schedule(bench.Time.GetUtcNow().AddDays(1));
        await Deletion().Delete(Given.Org, Definition, default);
        Assert.Equal([WriteOutcome.Created], await Apply(Define(Definition, "again")));
        bench.Time.Advance(TimeSpan.FromDays(1));
        await bench.Due(later, 0, (await Run(later)).WakeAt!.Value, job: Definition);
        Assert.Equal("again", Assert.Single(bench.Executes).Handler);
    }

    [Fact]
    public async Task Only_what_has_not_begun_is_cancelled()
    {
        await Apply(Define(Definition, "again"));
        var (runs, later) = (await Schedule(null), await Schedule(bench.Time.GetUtcNow().AddDays(1)));
        var (ofRunning, ofLater, again) = (Cancelling(runs), Cancelling(later), Cancelling(later));
        await bench.Commit(ofRunning, ofLater);
        await bench.Commit(again);
        Assert.Equal((false, RunStatus.Running), (ofRunning.Ended, ofRunning.After!.Status));
        Assert.Equal((true, RunStatus.Cancelled), (ofLater.Ended, ofLater.After!.Status));
        Assert.Equal((false, RunStatus.Cancelled), (again.Ended, again.After!.Status));
        CancelPending Cancelling(Contracts.RunId id) => new(new(Given.Org, Definition), new(Given.Org, id));
    }

    DefinitionDeletion Deletion() => new(
        database.Registry, new TriggerRegistry(database.Registry, new EventSubscriptions(null!), null!, null!, (_, _) => { }, new IdSource(bench.Time), bench.Time),
        new RunQueries(database.Service), new RunInbox(new GroupLoop<RunItem>(200, items => bench.Commit([.. items]), bench.Time, NullLogger.Instance)), bench.Time);

    static ComponentWrite Running(string function) => new(new(ResourceUri.Components, Component), "/documents/0", new(function, null, null));

    static DefinitionWrite Define(string id, string component = Component) => new(new(ResourceUri.Definitions, id), "/documents/2", component);

    Task<IReadOnlyList<WriteOutcome>> Apply(params ResourceWrite[] writes) => store.Apply(Given.Org, writes, default);

    Task<Job?> Living() => store.FindDefinition(Given.Org, Definition, default);

    async Task<Contracts.RunId> Schedule(DateTimeOffset? at)
    {
        var item = bench.Accepting(at, job: Definition);
        await bench.Commit(item);
        return item.Answer;
    }

    async Task<Run> Run(Contracts.RunId id) => (await new RunQueries(database.Service).Find(Given.Org, id, default))!;

    async Task<int> Count(string sql)
    {
        await using var connection = await database.Service.OpenSweep();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt32(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
