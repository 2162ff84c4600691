using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>
/// Whatever stands in paths, queries and bodies of resources, targets and jobs of plugins, and in results: an answer, or an error that the docs have.
/// The same cases in every run: of each field and each endpoint some, and of all together each.
/// </summary>
[Collection(SharedSuite.Name)]
public sealed partial class Nothing_malformed_gets_more_than_its_error(SharedSuite shared)
{
    static readonly string[] Segments =
    [
        "a", "process-orders.hreactor", "saveImage%2Flocal", "ns:fn", "run_01HZZZZZZZ1V4HC09795811X3W", "run_", "trg_01HZZZZZZZ1V4HC09795811X3W", "statistics", ".", "..", "...", "%2e", "%2E%2e", "%2F", "%2F..%2F..", "%252F",
        "%2500", "%25", "%", "%0", "%zz", "%00", "a%00b", "%0a", "%0d%0aX:%20y", "%20", "%C3%A9", "%ED%A0%BD", "%FF", "%F0%9F%98%80", "%5C", "~", "*", "{id}", "'%20or%201=1", "a;b=c", "a=b", new('a', 128), new('a', 129), new('%', 3000),
    ];

    /// <summary>An asterisk is where a segment comes.</summary>
    static readonly (string Method, string Path, string Body)[] Endpoints =
    [
        ("GET", "/resources/components/*", ""), ("PUT", "/resources/components/*", "{}"), ("DELETE", "/resources/components/*", ""), ("GET", "/resources/job-definitions/*", ""), ("PUT", "/resources/job-definitions/*", "{}"),
        ("DELETE", "/resources/job-definitions/*", ""), ("GET", "/resources/jobs/*", ""), ("DELETE", "/resources/jobs/*", ""), ("PATCH", "/resources/*", ""), ("GET", "/jobs/v1/_scheduled_functions/*", ""),
        ("GET", "/jobs/v1/_admin/jobs/*", ""), ("GET", "/jobs/v1/_admin/jobs/*/logs", ""), ("POST", "/jobs/v1/*/trigger", "{}"), ("GET", "/jobs/v1/runs/*", ""), ("GET", "/functions/v1/_admin/functions/*", ""), ("POST", "/functions/v1/*", "{}"),
    ];

    static readonly string[] Queries =
    [
        "/resources/jobs?jobDefinitionId=%00", "/resources/jobs?jobDefinitionId=a&status=done", "/resources/jobs?cursor=%00", "/resources/jobs?cursor=run_", "/resources/jobs?limit=1e3", "/resources/jobs?limit=%D9%A1", "/resources/jobs?status=%ED%A0%BD",
        "/resources/jobs?jobDefinitionId=a&jobDefinitionId=b", "/resources/components?cursor=%00", "/resources/components?cursor=%F0%9F%98%80", "/resources/job-definitions?cursor=%00", "/resources/job-definitions?limit=-1",
        "/resources/jobs/statistics?jobDefinitionId=%00", "/resources/jobs/statistics?to=0001-01-01T00:00:00Z", "/resources/jobs/statistics?from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z",
        "/resources/jobs/statistics?to=9999-12-31T23:59:59.9999999Z", "/resources/jobs/statistics?from=0001-01-01T00:00:00%2B14:00", "/resources/jobs/statistics?bucket=0s", "/resources/jobs/statistics?bucket=P99999999D",
        "/resources/jobs/statistics?bucket=%00", "/jobs/v1/_scheduled_functions?state=%00", "/jobs/v1/_scheduled_functions?cursor=99999999999999999999.run_01HZZZZZZZ1V4HC09795811X3W", "/jobs/v1/_scheduled_functions?cursor=%00",
        "/jobs/v1/_scheduled_functions?cursor=253402300799999.run_01HZZZZZZZ1V4HC09795811X3W", "/jobs/v1/runs?job_id=%00", "/jobs/v1/runs?trigger=%00", "/jobs/v1/runs?since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59.9999999Z",
        "/jobs/v1/_admin/jobs?cursor=%00", "/functions/v1/_admin/functions?cursor=%00", "/jobs/v1/_admin/jobs/%2500/logs", "/jobs/v1/_admin/refused?cursor=%00", "/jobs/v1/_admin/events?cursor=%00", "/jobs/v1/_admin/events?topic=%00",
    ];

    /// <summary>What is sent, as a good body and what of it is replaced in turn.</summary>
    static readonly (string Method, string Path, string Body)[] Requests =
    [
        ("POST", "/resources/jobs", """{"jobDefinitionId": "malformed", "parameters": {"a": 1}, "runAt": "2100-01-01T00:00:00Z"}"""),
        ("POST", "/resources/jobs", """{"type": "malformed-type", "data": {"a": 1}, "retry": {"retries": 5, "wait": 60000, "backoff": "exponential"}, "priority": "normal", "schedule": "every day", "cancelRepeats": true}"""),
        ("POST", "/resources/jobs/cancel", """{"type": "malformed-type", "data": {"a": 1}}"""),
        ("PUT", "/resources/cleanup", """{"type": "malformed-type", "purgeAfterDays": 7}"""),
        ("PUT", "/resources/components/malformed", """{"functionName": "malformed"}"""),
        ("PUT", "/resources/components/malformed", """{"codeFile": "a.py", "code": "print(1)"}"""),
        ("PUT", "/resources/job-definitions/malformed", """{"componentId": "malformed"}"""),
        ("POST", "/resources/apply", """{"documents": [{"uri": "/resources/job-definitions/malformed", "spec": {"componentId": "malformed"}}]}"""),
        ("POST", "/jobs/v1/malformed/trigger", """{"payload": 1, "run_at": "2100-01-01T00:00:00Z", "priority": "low", "timeout_ms": 1000}"""),
        ("POST", "/jobs/v1/_admin/schedules/preview", """{"text": "every day", "timezone": "UTC", "from": "2026-01-01T00:00:00Z", "count": 3}"""),
        ("POST", "/jobs/v1/_admin/jobs/malformed/triggers", """{"kind": "cron", "text": "every day"}"""),
        ("POST", "/jobs/v1/runs/cancel", """{"job_id": "malformed-type", "data": {"a": 1}}"""),
    ];

    static readonly string[] Values =
    [
        "null", "true", "-1", "1e999999", "99999999999999999999", "[]", "{}", "[[1]]", "\"\"", "\"\\u0000\"", "\"a\\u0000\"", "\"\\ud83d\"", "{\"\\ud83d\": \"\\u0000\"}", "{\"a\": 1e999999}", "\"..\"", "\"/\"", "\"😀\"",
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"every day\\u0000\"", "\"on the 30 day of february\"",
    ];

    static readonly string[] Texts = ["", " ", "{", "[]", "null", "\"a\"", "{\"a\": 1, \"a\": 2}", "{\"\\ud83d\": 1}", "{\"\\u0000\": 1}", "\ufeff{}", "{} x", "{'a': 1}", new('[', 100), "{\"a\":" + new string('[', 80)];

    /// <summary>Behind a gateway, too, which forwards paths byte for byte.</summary>
    [Fact, Trait(SharedSuite.Hosts, SharedSuite.Both)]
    public async Task In_a_path() => await Ask(
        from endpoint in Endpoints.Index()
        from segment in Segments.Index()
        where (endpoint.Index + segment.Index) % 3 == 0
        select (endpoint.Item.Method, endpoint.Item.Path.Replace("*", segment.Item, StringComparison.Ordinal), endpoint.Item.Body));

    [Fact]
    public async Task In_a_query() => await Ask(Queries.Select(x => ("GET", x, "")));

    [Fact]
    public async Task In_a_body()
    {
        await shared.Api.Job("malformed-type", new { handler = "nobody", max_concurrency = 100_000 });
        (await shared.Api.Send(HttpMethod.Put, "/resources/job-definitions/malformed", """{"componentId": "malformed"}""")).Is(HttpStatusCode.Created);
        await Ask(
            from request in Requests.Index()
            from body in Texts.Concat(Changed(request.Item.Body)).Index()
            where (request.Index + body.Index) % 4 == 0
            select (request.Item.Method, request.Item.Path, body.Item));
        (await shared.Api.Send(HttpMethod.Delete, "/jobs/v1/_admin/jobs/malformed-type", null)).Is(HttpStatusCode.NoContent);
        (await shared.Api.Send(HttpMethod.Delete, "/jobs/v1/_admin/jobs/malformed", null)).Is(HttpStatusCode.NoContent);
        await shared.Api.Send(HttpMethod.Delete, "/resources/components/malformed", null);
        await shared.Api.Send(HttpMethod.Delete, "/functions/v1/_admin/functions/malformed", null);
    }

    /// <summary>The handler gives back what it gets: effects in every form.</summary>
    [Fact]
    public async Task In_a_result()
    {
        (await shared.Api.Send(HttpMethod.Put, "/resources/job-definitions/echoes", """{"componentId": "echo"}""")).Is(HttpStatusCode.Created);
        string[] fields = ["effect", "definition", "at", "parameters", "a\\u0000b", "\\ud83d", "\\u0065ffect"];
        const string good = "\"effect\": \"scheduleJob\", \"definition\": \"echoes\", \"at\": \"now addDays 1\"";
        var effects = fields.SelectMany(field => Values.Append("\"now\"").Select(value => $"{{{good}, \"{field}\": {value}}}")).Where((_, i) => i % 5 == 0);
        foreach (var results in effects.Select((effect, i) => i % 2 == 0 ? $"{{\"effects\": [{effect}]}}" : effect).Chunk(10))
        {
            var ids = await Task.WhenAll(results.Select(async x =>
                (string)(await shared.Api.Post("/resources/jobs", $"{{\"jobDefinitionId\": \"echoes\", \"parameters\": {x}}}")).Is(HttpStatusCode.Created).Json["jobId"]!));
            foreach (var (id, result) in ids.Zip(results))
            {
                var run = await shared.Api.Ended(id);
                Assert.True((string?)run["status"] == "completed" || (string?)run["error"]!["code"] == "invalid_effect", $"{result}: {run["status"]} {run["error"]}");
                Assert.DoesNotContain("Exception", run["error"]?.ToJsonString() ?? "", StringComparison.Ordinal);
            }
        }

        (await shared.Api.Send(HttpMethod.Delete, "/jobs/v1/_admin/jobs/echoes", null)).Is(HttpStatusCode.NoContent);
    }

    /// <summary>Each field with each value, and each left out.</summary>
    static IEnumerable<string> Changed(string good)
    {
        foreach (var field in JsonDocument.Parse(good).RootElement.EnumerateObject())
            foreach (var value in Values.Append(null))
                yield return "{" + string.Join(", ", JsonDocument.Parse(good).RootElement.EnumerateObject().Select(x => (x.Name, Value: x.Name == field.Name ? value : x.Value.GetRawText())).Where(x => x.Value is not null).Select(x => $"\"{x.Name}\": {x.Value}")) + "}";
    }

    async Task Ask(IEnumerable<(string Method, string Path, string Body)> requests)
    {
        var documented = Documented();
        var wrong = new List<string>();
        var (port, token) = (shared.Suite.Port, shared.Suite.Token);
        foreach (var together in requests.Chunk(8))
            foreach (var (request, answer) in together.Zip(await Task.WhenAll(together.Select(x => Send(port, token, x.Method, x.Path, x.Body)))))
            {
                var status = int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture);
                var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
                if (status < 400 || IsDocumented(status, answer, body, documented))
                    continue;
                wrong.Add($"{request.Method} {request.Path} {request.Body}\n{answer}");
            }

        Assert.True(wrong.Count == 0, $"{wrong.Count}:\n{string.Join('\n', wrong.Take(10))}");
    }

    static bool IsDocumented(int status, string answer, string body, HashSet<(int, string)> documented)
    {
        // What is no request at all: the server refuses it before anybody reads a path.
        if (status is 400 or 414 && body.Length == 0)
            return true;
        if (!answer.Contains("Content-Type: application/problem+json", StringComparison.OrdinalIgnoreCase))
            return false;
        var problem = JsonDocument.Parse(body[body.IndexOf('{', StringComparison.Ordinal)..(body.LastIndexOf('}') + 1)]).RootElement;
        return documented.Contains((status, problem.GetProperty("code").GetString()!)) && !body.Contains("Exception", StringComparison.Ordinal) && !body.Contains("   at ", StringComparison.Ordinal)
            && (status != 400 || problem.GetProperty("detail").GetString()!.Length > 10);
    }

    /// <summary>The codes that the docs have, but that for a bug, with the status that each stands beside.</summary>
    static HashSet<(int, string)> Documented()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(Checkout.Folder, "docs"), "*.md").SelectMany(File.ReadLines);
        var codes = pages.Select(x => Row().Match(x)).Where(x => x.Success).SelectMany(row => Code().Matches(row.Groups[2].Value).Select(x => (int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture), x.Groups[1].Value))).ToHashSet();
        Assert.InRange(codes.Count, 30, 100);
        codes.Remove((500, "internal"));
        return codes;
    }

    /// <summary>Byte for byte, which no client would send.</summary>
    static async Task<string> Send(int port, string token, string method, string path, string body)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = string.Create(CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\n\r\n");
        await stream.WriteAsync((byte[])[.. Encoding.Latin1.GetBytes(head), .. bytes]);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    [GeneratedRegex(@"^\| ([45]\d\d) \| ([^|]*)\|")]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Code();
}
