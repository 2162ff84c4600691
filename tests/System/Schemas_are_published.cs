using System.Net;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>An editor has no token, and asks again and again.</summary>
[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class Schemas_are_published(SharedSuite shared)
{
    [Fact]
    public async Task To_anybody_and_with_a_tag()
    {
        using var client = new HttpClient { BaseAddress = new(shared.Suite.Url) };
        var index = await client.GetStringAsync("/schemas");
        foreach (var name in new[] { "jobs-manifest.json", "job.json", "function.json", "function-job.json" })
        {
            Assert.Contains($"\"url\":\"/schemas/{name}\"", index, StringComparison.Ordinal);
            using var response = await client.GetAsync($"/schemas/{name}");
            Assert.Equal((HttpStatusCode.OK, "application/schema+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            Assert.True(response.Headers.CacheControl is { Public: true, MaxAge.TotalMinutes: > 0 });
            Assert.Contains("https://json-schema.org/draft/2020-12/schema", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);

            using var again = new HttpRequestMessage(HttpMethod.Get, $"/schemas/{name}") { Headers = { IfNoneMatch = { response.Headers.ETag! } } };
            using var unchanged = await client.SendAsync(again);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        }
    }

    [Fact]
    public async Task And_one_that_is_not_there_is_said_to_be_so() =>
        (await shared.Api.Get("/schemas/jobs.json")).Refused(HttpStatusCode.NotFound, "schema_not_found");

    [Fact]
    public async Task And_what_they_refuse_the_API_refuses_with_its_place()
    {
        var refused = (await shared.Api.Post("/jobs/v1/jobs", "{ \"jobs\": [\n  { \"id\": \"a\", \"handler\": \"h\",\n    \"retry\": { \"backoff\": \"exponental\" } } ] }"))
            .Refused(HttpStatusCode.BadRequest, "invalid_manifest");
        var error = refused.Json["errors"]![0]!;
        Assert.Equal(("/jobs/0/retry/backoff", 3, 16), ((string?)error["pointer"], (int)error["line"]!, (int)error["column"]!));
        Assert.EndsWith("did you mean exponential?", (string?)error["detail"], StringComparison.Ordinal);

        var notJson = (await shared.Api.Post("/jobs/v1/jobs", "{\n\"jobs\" [] }")).Refused(HttpStatusCode.BadRequest, "invalid_manifest").Json["errors"]![0]!;
        Assert.Equal((2, 8), ((int)notJson["line"]!, (int)notJson["column"]!));
    }
}
