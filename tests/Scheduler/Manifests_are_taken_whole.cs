using System.Text;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A manifest of many jobs: all of it or nothing, and each mistake with its place (product C2).</summary>
[Collection(PostgresCollection.Name)]
public sealed class Manifests_are_taken_whole(PostgresServer server)
{
    [Fact]
    public void Many_jobs_or_one()
    {
        Assert.Equal(["a", "b/c"], Read("""{"jobs": [{"name": "a", "handler": "h"}, {"id": "b/c", "function": "h"}]}""").Select(x => x.Job.Name));
        Assert.Equal(["a"], Read("""{"name": "a", "handler": "h", "triggers": [{"kind": "event", "topic": "t"}]}""").Select(x => x.Job.Name));
        Assert.Empty(Read("""{"jobs": []}"""));
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("5", "")]
    [InlineData("""{"jobs": {}}""", "/jobs")]
    [InlineData("""{"jobs": null}""", "/jobs")]
    [InlineData("""{"jobs": [], "version": 1}""", "/version")]
    [InlineData("""{"jobs": [7]}""", "/jobs/0")]
    [InlineData("""{"jobs": [{"name": "a", "handler": "h"}, {"name": "a", "handler": "g"}]}""", "/jobs/1")]
    [InlineData("""{"jobs": [{"name": "a", "handler": "h"}, {"name": "b"}]}""", "/jobs/1/handler")]
    [InlineData("""{"jobs": [{"name": "a", "handler": "h"}, {"name": "b", "handler": "h", "retry": {"backof": "linear"}}]}""", "/jobs/1/retry/backof")]
    [InlineData("""{"jobs": [{"name": "a", "handler": "h", "triggers": [{"kind": "event"}]}]}""", "/jobs/0/triggers/0/topic")]
    [InlineData("""{"name": "a"}""", "/handler")]
    public void One_mistake_refuses_all_of_it(string json, string pointer)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(json)).Problem;
        Assert.Equal((400, "invalid_manifest"), (problem.Status, problem.Code));
        Assert.Contains(pointer, problem.Errors!.Select(x => x.Pointer));
    }

    [Fact]
    public void More_than_a_thousand_are_too_many()
    {
        static string Jobs(int count) => $$"""{"jobs": [{{string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"name": "j{{i}}", "handler": "h"}"""))}}]}""";
        Assert.Equal(1000, Read(Jobs(1000)).Count);
        Assert.Throws<ProblemException>(() => Read(Jobs(1001)));
    }

    [Theory]
    [InlineData("{", "is not JSON (line 1, column 2)", 1, 2)]
    [InlineData("{\n \"jobs\": [,] }", "is not JSON (line 2, column 11)", 2, 11)]
    [InlineData("{\n \"Zoë\": ?", "is not JSON (line 2, column 9)", 2, 9)]
    public void What_is_no_JSON_is_told_with_line_and_column(string text, string detail, int line, int column)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(text)).Problem;
        Assert.Equal("invalid_manifest", problem.Code);
        Assert.Equal(new InputError("", detail, line, column), Assert.Single(problem.Errors!));
    }

    [Fact]
    public void Every_mistake_has_its_line_and_column()
    {
        var problem = Assert.Throws<ProblemException>(() => Read("""

            {
              "jobs": [
                { "name": "a", "display_name": "Zoë", "handlr": "x",
                  "retryBackoff": { "initialMs": -1 }, "paused": true, "paused": false },
                { "name": "b", "handler": "h", "triggers": [{ "kind": "event", "topic": "a" }, { "kind": "evnt" }] }
              ]
            }
            """)).Problem;
        Assert.Equal(
            ["4:43 /jobs/0/handlr", "4:5 /jobs/0/handler", "5:25 /jobs/0/retry_backoff/initial_ms", "5:60 /jobs/0/paused", "6:86 /jobs/1/triggers/1/kind"],
            problem.Errors!.Select(x => $"{x.Line}:{x.Column} {x.Pointer}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Applying_it_again_changes_nothing()
    {
        await using var database = await Database.Make(server);
        var jobs = Read("""{"jobs": [{"name": "a", "handler": "h"}, {"name": "b", "handler": "h"}]}""").Select(x => x.Job).ToArray();

        Assert.Equal([Registration.Created, Registration.Created], await Apply(jobs));
        Assert.Equal([Registration.Unchanged, Registration.Unchanged], await Apply([.. jobs.Select(x => x with { CreatedAt = ManualTime.Start.AddDays(1) })]));
        Assert.Equal([Registration.Unchanged, Registration.Updated], await Apply([jobs[0], jobs[1] with { MaxConcurrency = 1 }]));
        Assert.Equal(1, (await database.Registry.Find(Given.Org, "b", default))!.MaxConcurrency);

        Assert.True(await database.Registry.Delete(Given.Org, "b", ManualTime.Start, default));
        Assert.Null(await database.Registry.Find(Given.Org, "b", default));
        Assert.Equal([Registration.Created], await Apply([jobs[1]]));

        async Task<Registration[]> Apply(Job[] wanted) => [.. (await database.Registry.Register(Given.Org, wanted, mayUpdate: true, default)).Select(x => x.Outcome)];
    }

    static IReadOnlyList<JobRequest> Read(string json) => JobRequest.ReadManifest(Encoding.UTF8.GetBytes(json), Given.Org, new(), ManualTime.Start);
}
