using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Retention;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Finished runs go after their job's retention period, their executor's part first (semantics 28); a deleted job goes with its last run.</summary>
[Collection(PostgresCollection.Name)]
public sealed class What_is_old_goes(PostgresServer server) : IAsyncLifetime
{
    readonly List<string> askedFor = [];
    Database database = null!;
    RunBench bench = null!;
    WebApplication executor = null!;
    RunRetention retention = null!;
    bool executorIsAway;

    public async Task InitializeAsync()
    {
        database = await Database.Make(server, Given.Job());
        bench = new RunBench(database.Store).Serving();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        executor = builder.Build();
        executor.MapPost("/internal/executor/orgs/{org}/runs/delete", async (string org, HttpRequest request) =>
        {
            if (executorIsAway)
                return Results.StatusCode(503);
            askedFor.AddRange((await request.ReadFromJsonAsync<RunId[]>())!.Select(id => $"{org}/{id}"));
            return Results.Ok();
        });
        await executor.StartAsync();
        var address = new Uri(executor.Urls.Single());
        retention = new(database.Service, new InternalCalls(address, address, address, address, "secret"), bench.Time);
    }

    public async Task DisposeAsync()
    {
        await executor.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task A_run_that_ended_before_the_period_and_no_other()
    {
        var (old, open) = (await bench.Accept(), await bench.Accept());
        await bench.Finish(old, 1, AttemptOutcomes.Failed, fatal: true);
        bench.Time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(0, await retention.Round(default));
        var young = await bench.Accept();
        await bench.Finish(young, 1, AttemptOutcomes.Completed);

        bench.Time.Advance(TimeSpan.FromDays(2));
        executorIsAway = true;
        await Assert.ThrowsAnyAsync<Exception>(() => retention.Round(default));
        Assert.Equal(3L, await Count("run"));
        executorIsAway = false;
        Assert.Equal(1, await retention.Round(default));

        Assert.Equal([$"{Given.Org}/{old}"], askedFor);
        Assert.Equal(new[] { open, young }.Order(), await Ids());
        Assert.Equal(0L, await Count("dead_letter"));
    }

    [Fact]
    public async Task A_definitions_jobs_after_its_own_period_with_those_that_a_result_has_started()
    {
        const string definition = "nightly-order-processing";
        await database.Registry.Register(Given.Org,
            [Given.Job(name: definition) with { ComponentId = "c", RetentionDays = 3, CreatedAt = ManualTime.Start, UpdatedAt = ManualTime.Start }], mayUpdate: false, default);
        var (other, first) = (await bench.Accept(), bench.Accepting(job: definition));
        await bench.Finish(other, 1, AttemptOutcomes.Completed);
        await bench.Commit(first);
        bench.Time.Advance(TimeSpan.FromDays(2));
        var result = RawJson.Trusted("""{"effect":"scheduleJob","definition":"nightly-order-processing","at":"now"}""");
        await bench.Raise(first.Answer, machine => machine.Finished,
            new AttemptFinished(Given.Org, first.Answer, definition, 1, AttemptOutcomes.Completed, result, null, false, null, bench.Time.GetUtcNow(), bench.Time.GetUtcNow()), job: definition);
        var next = (await Ids()).Single(x => x != other && x != first.Answer);
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.Finish(next, 1, AttemptOutcomes.Completed, job: definition);

        bench.Time.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(30));
        Assert.Equal(1, await retention.Round(default));
        Assert.Equal(new[] { other, next }.Order(), await Ids());
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await retention.Round(default));
        Assert.Equal([other], await Ids());
    }

    [Fact]
    public async Task A_deleted_job_with_its_last_run()
    {
        var last = await bench.Accept();
        await database.Registry.Delete(Given.Org, Given.JobName, bench.Time.GetUtcNow(), default);
        await bench.Finish(last, 1, AttemptOutcomes.Completed);
        await retention.Round(default);
        Assert.Equal((1L, 2L), (await Count("job"), await Count("job_load")));

        bench.Time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(1, await retention.Round(default));
        // The row that is left counts the whole org.
        Assert.Equal((0L, 1L), (await Count("job"), await Count("job_load")));

        await database.Registry.Register(Given.Org, [Given.Job() with { CreatedAt = ManualTime.Start, UpdatedAt = ManualTime.Start }], mayUpdate: false, default);
        await bench.Accept();
        await retention.Round(default);
        Assert.Equal((1L, 2L), (await Count("job"), await Count("job_load")));
    }

    async Task<long> Count(string table) => (long)(await Sweep($"select count(*) from {table}"))!;

    async Task<IEnumerable<RunId>> Ids() => ((Guid[]?)await Sweep("select array_agg(id order by id) from run") ?? []).Select(id => new RunId(id));

    async Task<object?> Sweep(string sql)
    {
        await using var connection = await database.Service.OpenSweep();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
