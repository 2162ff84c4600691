using System.Net;
using System.Text;
using System.Text.Json;

namespace ReactorJobs.Tests.Webhooks;

[Collection(WithHost.Name)]
public sealed class An_address_nobody_can_guess_starts_runs(SharedHost shared)
{
    readonly Host host = shared.Host;

    [Fact]
    public async Task With_the_body_as_payload_and_the_headers_beside_it()
    {
        var trigger = await host.Webhook("orders", new { kind = "webhook" });
        var url = trigger.GetProperty("url").GetString()!;
        Assert.Matches("^http://127.0.0.1:[0-9]+/jobs/v1/webhooks/whk_[A-Za-z0-9_-]{43}$", url);

        var run = await host.Run(await host.Deliver(url + "?a=1&b=2&b=3", """{ "orderId": "ord_456", "n": 1.50 }""",
            ("X-Source", "shop"), ("Authorization", "Bearer of-the-sender"), ("Cookie", "a=b"), ("X-Api-Key", "k"), ("X-Some-Signature", "s"), ("X-Gitlab-Token", "t")));

        Assert.Equal("""{ "orderId": "ord_456", "n": 1.50 }""", run.GetProperty("payload").GetRawText());
        var of = run.GetProperty("trigger");
        Assert.Equal(("webhook", trigger.GetProperty("id").GetString()), (of.GetProperty("kind").GetString(), of.GetProperty("id").GetString()));
        var detail = of.GetProperty("detail");
        Assert.Equal(("POST", JsonValueKind.Null), (detail.GetProperty("method").GetString(), detail.GetProperty("path").ValueKind));
        Assert.Equal("""{"a":"1","b":["2","3"]}""", detail.GetProperty("query").GetRawText());
        Assert.Equal(["content-length", "content-type", "host", "x-source"], detail.GetProperty("headers").EnumerateObject().Select(x => x.Name));
        Assert.DoesNotContain("whk_", run.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain", "plain", """{"body":"plain","content_type":"text/plain"}""")]
    [InlineData("application/x-www-form-urlencoded", "a=1&b=%20", """{"body":"a=1&b=%20","content_type":"application/x-www-form-urlencoded"}""")]
    [InlineData("application/vnd.github+json; charset=utf-8", """[1]""", "[1]")]
    [InlineData("application/cloudevents+json", """{"id":1}""", """{"id":1}""")]
    [InlineData("text/json", "7", "7")]
    [InlineData(null, """{"x":1}""", """{"x":1}""")]
    [InlineData(null, "no json", """{"body":"no json","content_type":null}""")]
    [InlineData("not a type", "{}", """{"body":"{}","content_type":"not a type"}""")]
    [InlineData("text/plain", "", "null")]
    [InlineData("text/plain", "a\0b", """{"body":"a\u0000b","content_type":"text/plain"}""")]
    public async Task Whatever_the_body_is(string? contentType, string body, string payload)
    {
        var url = (await host.Webhook($"bodies-{Guid(contentType + body)}", new { kind = "webhook" })).GetProperty("url").GetString()!;
        var run = await host.Run(await host.Deliver(url, Encoding.UTF8.GetBytes(body), contentType));
        Assert.Equal(payload, run.GetProperty("payload").GetRawText());
    }

    [Fact]
    public async Task Whatever_its_bytes_are()
    {
        var url = (await host.Webhook("bytes", new { kind = "webhook" })).GetProperty("url").GetString()!;
        var run = await host.Run(await host.Deliver(url, [0xff, 0xfe, 0x00], "image/png"));
        Assert.Equal("""{"body":"//4A","content_type":"image/png","encoding":"base64"}""", run.GetProperty("payload").GetRawText());
    }

    [Fact]
    public async Task Which_queue_where_a_call_would_be_refused()
    {
        var url = (await host.Webhook("queueing", new { kind = "webhook" })).GetProperty("url").GetString()!;
        var runs = new HashSet<string?>();
        for (var i = 0; i < 5; i++)
            runs.Add((await host.Deliver(url, "{}"))["run_id"]);
        Assert.Equal(5, runs.Count);
        (await host.Post("/jobs/v1/queueing/trigger")).Refused(429, "concurrency_exceeded");
    }

    [Fact]
    public async Task And_the_same_one_again_where_the_sender_says_that_it_is()
    {
        var url = (await host.Webhook("repeating", new { kind = "webhook" })).GetProperty("url").GetString()!;
        var first = await host.Deliver(url, """{"try":1}""", ("Idempotency-Key", "order-7"));
        var second = await host.Deliver(url, """{"try":2}""", ("Idempotency-Key", "order-7"));
        var other = await host.Deliver(url, """{"try":2}""", ("Idempotency-Key", "order-8"));
        Assert.Equal((202, first["run_id"]), (second.Status, second["run_id"]));
        Assert.NotEqual(first["run_id"], other["run_id"]);
    }

    [Fact]
    public async Task Each_time_it_is_made_it_is_another_one_and_it_is_shown_once()
    {
        var one = await host.Webhook("several", new { kind = "webhook" });
        var two = await host.Webhook("several", new { kind = "webhook" });
        Assert.NotEqual(one.GetProperty("url").GetString(), two.GetProperty("url").GetString());
        var list = await host.Get("/jobs/v1/_admin/jobs/several/triggers");
        Assert.Equal(2, list.Body.GetArrayLength());
        Assert.DoesNotContain("url", list.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("whk_", list.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("whk_", (await host.Get("/jobs/v1/_admin/jobs/several")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Until_it_is_deleted()
    {
        var trigger = await host.Webhook("deleted", new { kind = "webhook" });
        var url = trigger.GetProperty("url").GetString()!;
        await host.Run(await host.Deliver(url, "{}"));
        Assert.Equal(204, (await host.Send(HttpMethod.Delete, $"/jobs/v1/_admin/jobs/deleted/triggers/{trigger.GetProperty("id")}")).Status);
        (await host.Deliver(url, "{}")).Refused(404, "trigger_not_found");
    }

    [Fact]
    public async Task Or_its_job_is()
    {
        var url = (await host.Webhook("gone", new { kind = "webhook" })).GetProperty("url").GetString()!;
        Assert.Equal(204, (await host.Send(HttpMethod.Delete, "/jobs/v1/_admin/jobs/gone")).Status);
        (await host.Deliver(url, "{}")).Refused(404, "trigger_not_found");
    }

    [Fact]
    public async Task Or_gets_another_one()
    {
        var trigger = await host.Webhook("rotated", new { kind = "webhook" });
        var (id, url) = (trigger.GetProperty("id").GetString(), trigger.GetProperty("url").GetString()!);
        var rotated = await host.Post($"/jobs/v1/_admin/jobs/rotated/triggers/{id}/rotate");
        Assert.Equal((200, id), (rotated.Status, rotated["id"]));
        (await host.Deliver(url, "{}")).Refused(404, "trigger_not_found");
        await host.Run(await host.Deliver(rotated["url"]!, "{}"));
        (await host.Post($"/jobs/v1/_admin/jobs/repeating/triggers/{id}/rotate")).Refused(404, "trigger_not_found");
        (await host.Post($"/jobs/v1/_admin/jobs/rotated/triggers/{id}/rotate", org: "globex")).Refused(404, "trigger_not_found");
    }

    [Fact]
    public async Task By_the_methods_of_its_trigger()
    {
        var url = (await host.Webhook("methods", new { kind = "webhook", methods = new[] { "PUT", "GET" } })).GetProperty("url").GetString()!;
        await host.Run(await host.Deliver(url, Encoding.UTF8.GetBytes("1"), method: HttpMethod.Put));
        var refused = (await host.Deliver(url, "1")).Refused(405, "method_not_allowed");
        Assert.Contains("PUT, GET", refused["detail"], StringComparison.Ordinal);
        using var client = new HttpClient();
        using var head = await client.SendAsync(new(HttpMethod.Head, url));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, head.StatusCode);
        Assert.Equal(["PUT", "GET"], head.Content.Headers.Allow.Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public async Task Of_bodies_up_to_a_mebibyte()
    {
        var url = (await host.Webhook("large", new { kind = "webhook" })).GetProperty("url").GetString()!;
        Assert.Equal(202, (await host.Deliver(url, Encoding.UTF8.GetBytes('"' + new string('x', (1 << 20) - 2) + '"'))).Status);
        (await host.Deliver(url, new byte[(1 << 20) + 1], "text/plain")).Refused(413, "payload_too_large");
        (await host.Deliver(url, Enumerable.Repeat((byte)0xff, 900_000).ToArray(), "image/png")).Refused(413, "payload_too_large");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("\u00ff\u00fe")]
    public async Task What_is_said_to_be_JSON_has_to_be(string body)
    {
        var url = (await host.Webhook($"wrong-{Guid(body)}", new { kind = "webhook" })).GetProperty("url").GetString()!;
        var answer = await host.Deliver(url, Encoding.Latin1.GetBytes(body));
        if (body.Length == 0)
            Assert.Equal(202, answer.Status);
        else
            answer.Refused(400, "invalid_request");
    }

    [Fact]
    public async Task As_deep_as_a_payload_may_be()
    {
        var url = (await host.Webhook("deep", new { kind = "webhook" })).GetProperty("url").GetString()!;
        var run = await host.Run(await host.Deliver(url, new string('[', 64) + new string(']', 64)));
        Assert.Equal(128, run.GetProperty("payload").GetRawText().Length);
        (await host.Deliver(url, new string('[', 65) + new string(']', 65))).Refused(400, "invalid_request");
    }

    static string Guid(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];
}
