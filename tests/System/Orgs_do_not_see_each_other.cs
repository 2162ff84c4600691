using System.Net;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class Orgs_do_not_see_each_other(SharedSuite shared)
{
    [Fact]
    public async Task What_another_org_has_is_answered_like_what_is_missing()
    {
        await shared.Api.Job("private", new { handler = "fragile" });
        var id = await shared.Api.Trigger("private", new { sign = shared.Sign(), pass = shared.Sign() });
        await shared.Api.Ended(id);
        var letter = (string)(await shared.Api.All("/jobs/v1/_admin/jobs/private/dlq"))[0]["id"]!;

        using var other = new Api(shared.Suite.Url, await OtherOrg());
        Assert.Empty(await other.All("/jobs/v1/_admin/jobs"));
        Assert.Empty(await other.All("/jobs/v1/runs"));
        Assert.Empty(await other.All("/jobs/v1/_admin/events"));
        (await other.Get($"/jobs/v1/runs/{id}")).Refused(HttpStatusCode.NotFound, "run_not_found");
        (await other.Get($"/jobs/v1/runs/{id}/follow")).Refused(HttpStatusCode.NotFound, "run_not_found");
        (await other.Get($"/jobs/v1/_admin/jobs/private/runs/{id}")).Is(HttpStatusCode.NotFound);
        (await other.Post($"/jobs/v1/_admin/jobs/private/runs/{id}/cancel")).Is(HttpStatusCode.NotFound);
        (await other.Post($"/jobs/v1/_admin/jobs/private/runs/{id}/retry")).Is(HttpStatusCode.NotFound);
        (await other.Get("/jobs/v1/_admin/jobs/private")).Refused(HttpStatusCode.NotFound, "job_not_found");
        (await other.Post("/jobs/v1/private/trigger", "{}")).Refused(HttpStatusCode.NotFound, "job_not_found");
        (await other.Post($"/jobs/v1/_admin/jobs/private/dlq/{letter}/retry")).Is(HttpStatusCode.NotFound);
        (await other.Send(HttpMethod.Delete, "/jobs/v1/_admin/jobs/private", null)).Is(HttpStatusCode.NotFound);
        Assert.Equal("", (await other.Get($"/jobs/v1/_admin/logs?run_id={id}")).Is(HttpStatusCode.OK).Text);

        // A job of the same name is another job.
        await other.Job("private", new { handler = "echo" });
        Assert.Empty(await other.All("/jobs/v1/_admin/jobs/private/runs"));
        (await other.Get($"/jobs/v1/_admin/jobs/private/runs/{id}")).Refused(HttpStatusCode.NotFound, "run_not_found");
        Assert.Equal("fragile", (string?)(await shared.Api.Get("/jobs/v1/_admin/jobs/private")).Json["handler"]);

        // The worker serves its own org only.
        var run = await other.Run(await other.Trigger("private"));
        Assert.Equal(("pending", "No worker serves \"echo\"."), ((string)run["status"]!, (string)run["reason"]!));
    }

    /// <summary>There is no public way to make an org.</summary>
    async Task<string> OtherOrg()
    {
        const string token = "rjs_of-the-other-org";
        await using var database = await shared.Suite.OpenDatabase();
        await using var insert = new NpgsqlCommand(
            """
            with o as (insert into ingress.org (id, name, created_at) values ('globex', 'globex', now()) returning id)
            insert into ingress.service_token (hash, id, org_id, name, created_at) select $1, gen_random_uuid(), id, 'test', now() from o
            """, database)
        { Parameters = { new() { Value = SHA256.HashData(Encoding.ASCII.GetBytes(token)) } } };
        await insert.ExecuteNonQueryAsync();
        return token;
    }
}
