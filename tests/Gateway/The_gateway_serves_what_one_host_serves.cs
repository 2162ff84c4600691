using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Ingress.Gateway;

namespace ReactorJobs.Tests.Gateway;

/// <summary>Compares with a host that has all services in one process.</summary>
[Collection(WithGatewayDatabase.Name)]
public sealed class The_gateway_serves_what_one_host_serves(RealSuite suite, GatewayDatabase database) : IClassFixture<RealSuite>
{
    [Fact]
    public async Task Every_endpoint_is_forwarded_to_the_service_that_has_it()
    {
        await using var fakes = await FakeSuite.Start(database.Options);
        var count = 0;
        foreach (var (service, endpoints) in suite.Endpoints)
            foreach (var endpoint in endpoints.Where(x => !IsOfEachProcess(x)))
            {
                var method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0] ?? "GET";
                using var response = await fakes.Gateway.Send(new(method), Sample(endpoint));
                var text = await response.Content.ReadAsStringAsync();
                var arrivedAt = text.Contains("\"Service\":", StringComparison.Ordinal) ? JsonSerializer.Deserialize<Arrived>(text)!.Service : null;
                Assert.True(arrivedAt == (IsInternal(endpoint) || service == "ingress" ? null : service), $"{method} {endpoint.RoutePattern.RawText} of the {service} arrived at {arrivedAt}");
                Assert.True(service == "ingress" || !IsInternal(endpoint) || response.StatusCode == HttpStatusCode.NotFound, $"{endpoint.RoutePattern.RawText} is open");
                count++;
            }

        Assert.True(count > 40, $"Only {count} endpoints were found.");
    }

    [Fact]
    public async Task The_descriptions_of_the_services_are_one()
    {
        var (gateway, whole) = await suite.Both("/openapi/v1.json");
        foreach (var document in new[] { gateway, whole })
            document.AsObject().Remove("servers");
        Assert.Equal(Sorted(whole), Sorted(gateway));
        // Not the name of the program that serves it: the four differ in that.
        Assert.Equal("reactor | v1", (string?)gateway["info"]!["title"]);
    }

    [Fact]
    public async Task And_do_not_contradict_each_other()
    {
        var documents = new List<JsonObject>();
        foreach (var address in suite.Services.Values)
        {
            using var client = new HttpClient { BaseAddress = address };
            documents.Add(JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!.AsObject());
        }

        Assert.Empty(OpenApiMerge.Of(documents[0], documents.Skip(1)).Clashes);
    }

    [Fact]
    public void A_contradiction_is_found_and_the_first_one_holds()
    {
        var one = Parse("""{"paths":{"/a":{"get":{"x":1}}},"components":{"schemas":{"S":{"type":"string"}}},"tags":[{"name":"t"}]}""");
        var other = Parse("""{"paths":{"/a":{"get":{"x":2},"post":{}},"/b":{}},"components":{"schemas":{"S":{"type":"number"},"T":{}}},"tags":[{"name":"t"},{"name":"u"}]}""");

        var (merged, clashes) = OpenApiMerge.Of(one, [other]);

        Assert.Equal(["paths /a get", "components schemas S"], clashes);
        Assert.Equal(
            """{"paths":{"/a":{"get":{"x":1},"post":{}},"/b":{}},"components":{"schemas":{"S":{"type":"string"},"T":{}}},"tags":[{"name":"t"},{"name":"u"}]}""", merged.ToJsonString());

        static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
    }

    [Fact]
    public async Task Its_schemas_are_those_of_all_services()
    {
        var (gateway, whole) = await suite.Both("/schemas");
        Assert.Equal(whole.ToJsonString(), gateway.ToJsonString());
        Assert.NotEmpty(gateway.AsArray());
        foreach (var schema in gateway.AsArray())
        {
            using var through = await suite.Gateway.Client.GetAsync((string)schema!["url"]!);
            using var direct = await suite.Whole.GetAsync((string)schema["url"]!);
            Assert.Equal(await direct.Content.ReadAsStringAsync(), await through.Content.ReadAsStringAsync());
            Assert.Equal((direct.Headers.ETag, direct.Content.Headers.ContentType), (through.Headers.ETag, through.Content.Headers.ContentType));
        }

        Assert.Equal((404, "schema_not_found"), await suite.Gateway.Refused(HttpMethod.Get, "/schemas/none.json"));
    }

    [Fact]
    public async Task Its_health_has_the_same_capabilities() => await GatewayHost.Until(async () =>
    {
        var (gateway, whole) = await suite.Both("/health");
        return JsonNode.DeepEquals(gateway, whole);
    });

    [Theory]
    [InlineData("GET", "/jobs/v1/_admin/jobs")]
    [InlineData("GET", "/jobs/v1/_admin/jobs/none")]
    [InlineData("POST", "/jobs/v1/none%2Fat%20all/trigger", "{}")]
    [InlineData("POST", "/jobs/v1/none/trigger", "{ nonsense")]
    [InlineData("GET", "/jobs/v1/runs/run_none")]
    [InlineData("GET", "/jobs/v1/runs?limit=0")]
    [InlineData("GET", "/jobs/v1/_admin/logs?run_id=none")]
    [InlineData("GET", "/jobs/v1/_admin/logs")]
    [InlineData("GET", "/functions/v1/_admin/functions/none")]
    [InlineData("POST", "/functions/v1/none")]
    [InlineData("POST", "/jobs/v1/_admin/events", "{}")]
    [InlineData("GET", "/jobs/v1/_admin/events/none")]
    [InlineData("GET", "/jobs/v1/_worker")]
    [InlineData("POST", "/jobs/v1/_worker/none/frames", "[]")]
    [InlineData("GET", "/jobs/v1/_admin/whoami")]
    [InlineData("PUT", "/jobs/v1/_admin/whoami")]
    [InlineData("PUT", "/jobs/v1/runs")]
    [InlineData("DELETE", "/jobs/v1/_admin/events")]
    [InlineData("GET", "/jobs/v1/nothing/at/all")]
    [InlineData("GET", "/jobs/v1")]
    [InlineData("GET", "/functions/v1/_admin/nothing/at/all")]
    [InlineData("GET", "/nothing")]
    [InlineData("POST", "/schemas")]
    [InlineData("POST", "/health")]
    [InlineData("GET", "/internal/health")]
    public async Task Its_answers_are_the_same(string method, string target, string? body = null)
    {
        var gateway = await Answer(suite.Gateway.Client);
        var whole = await Answer(suite.Whole);
        Assert.Equal(whole, gateway);

        async Task<(HttpStatusCode Status, string? Type, string Body)> Answer(HttpClient client)
        {
            using var request = new HttpRequestMessage(new(method), target) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
            using var response = await client.SendAsync(request);
            return (response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("/jobs/v1/none/trigger", 2 << 20)]
    [InlineData("/jobs/v1/none/trigger", 40 << 20)]
    [InlineData("/jobs/v1/_admin/events", 40 << 20)]
    [InlineData("/functions/v1/none", 40 << 20)]
    public async Task Bodies_that_are_too_large_are_refused_by_their_service(string target, int bytes)
    {
        Assert.Equal((413, "payload_too_large"), await suite.Gateway.Refused(HttpMethod.Post, target, Json()));
        using var whole = await suite.Whole.PostAsync(target, Json());
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, whole.StatusCode);

        ByteArrayContent Json() => new(new byte[bytes]) { Headers = { ContentType = new("application/json") } };
    }

    [Fact]
    public async Task A_service_believes_only_the_ingress()
    {
        foreach (var (service, path) in new[] { ("scheduler", "/jobs/v1/_admin/jobs"), ("executor", "/functions/v1/_admin/functions"), ("events", "/jobs/v1/_admin/events") })
        {
            using var response = await suite.Gateway.Send(HttpMethod.Get, path);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);

            using var outsider = new HttpClient { BaseAddress = suite.Services[service] };
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(outsider, path));
            outsider.DefaultRequestHeaders.Add("X-Reactor-Org", GatewayHost.Org);
            outsider.DefaultRequestHeaders.Authorization = new("Bearer", suite.Gateway.Token);
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(outsider, path));
            outsider.DefaultRequestHeaders.Add("X-Reactor-Internal", "guess");
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(outsider, path));
            Assert.Equal(HttpStatusCode.OK, await Status(outsider, "/health/ready"));
            Assert.Equal(HttpStatusCode.NotFound, await Status(outsider, HealthEndpoints.InternalPath));
        }

        static async Task<HttpStatusCode> Status(HttpClient client, string path)
        {
            using var response = await client.GetAsync(path);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task An_executor_says_which_start_it_is()
    {
        using var client = new HttpClient { BaseAddress = suite.Services["executor"] };
        using var response = await client.GetAsync(HealthEndpoints.ReadyPath);
        Assert.Equal(suite.ExecutorStart.ToString(), response.Headers.GetValues(ProcessInstance.Header).Single());
        Assert.Equal((401, "unauthorized"), await suite.Gateway.Refused(HttpMethod.Post, $"/jobs/v1/_worker/{suite.ExecutorStart}/frames", new StringContent("[]")));
    }

    /// <summary>Health, schemas and description: each process has its own, and none is forwarded.</summary>
    static bool IsOfEachProcess(RouteEndpoint endpoint) =>
        new[] { "/health", "/schemas", "/openapi", HealthEndpoints.InternalPath }.Any(x => endpoint.RoutePattern.RawText!.StartsWith(x, StringComparison.Ordinal));

    static bool IsInternal(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.StartsWith("/internal", StringComparison.Ordinal);

    static string Sample(RouteEndpoint endpoint) => "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : "x"))));

    /// <summary>As text, whatever order its parts have.</summary>
    static string Sorted(JsonNode? node) => node switch
    {
        JsonObject all => "{\n" + string.Join(",\n", all.OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => $"\"{x.Key}\":{Sorted(x.Value)}")) + "}",
        JsonArray all => "[" + string.Join(",", all.Select(Sorted).Order(StringComparer.Ordinal)) + "]",
        null => "null",
        _ => node.ToJsonString(),
    };
}
