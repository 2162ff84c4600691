using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Ingress.Webhooks.Deliveries;

namespace ReactorJobs.Tests.Webhooks;

[Collection(WithHost.Name)]
public sealed class What_came_is_in_the_log(SharedHost shared)
{
    readonly Host host = shared.Host;

    [Fact]
    public async Task With_what_became_of_it_newest_first_and_without_secrets()
    {
        var trigger = await host.Webhook("logged", new { kind = "webhook", path = "/hooks/logged", verify = new { type = "github", secret = "sesame" } });
        var id = trigger.GetProperty("id").GetString()!;
        var (good, mac) = ("""{"n":1}""", "sha256=" + Given.Hex("sesame", """{"n":1}"""));
        var run = await Deliver(good, mac, "d1");
        await Deliver(good, mac, "d1");
        await Deliver("""{"n":2}""", mac, "d2");
        await Deliver("{", "sha256=" + Given.Hex("sesame", "{"), "d3");
        await host.Deliver("/jobs/v1/hooks/logged", [], null, HttpMethod.Put);
        await host.Deliver("/jobs/v1/hooks/logged", good);

        var log = await host.Deliveries("logged", id, 6);
        Assert.Equal(
            [("signature_invalid", "missing", 401), ("method_not_allowed", null, 405), ("body_invalid", null, 400), ("signature_invalid", "mismatch", 401), ("repeated", null, 202), ("accepted", null, 202)],
            log.Select(x => (x.GetProperty("verdict").GetString(), x.GetProperty("reason").GetString(), x.GetProperty("status").GetInt32())));
        Assert.Equal([run["run_id"], run["run_id"]], log[4..].Select(x => x.GetProperty("run_id").GetString()));
        Assert.Equal(("d1", "POST", 7, true), (log[5].GetProperty("delivery_id").GetString(), log[5].GetProperty("method").GetString(), log[5].GetProperty("size").GetInt32(), log[5].GetProperty("is_redeliverable").GetBoolean()));
        Assert.All(log, x => Assert.DoesNotContain("sesame", x.GetRawText(), StringComparison.Ordinal));
        Assert.All(log, x => Assert.DoesNotContain(mac[7..], x.GetRawText(), StringComparison.Ordinal));

        var page = await host.Get($"/jobs/v1/_admin/jobs/logged/triggers/{id}/deliveries?limit=4");
        Assert.Equal(log[..4].Select(x => x.GetProperty("id").GetString()), page.Body.EnumerateArray().Select(x => x.GetProperty("id").GetString()));
        Assert.Contains($"cursor={log[3].GetProperty("id")}", page.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        var next = await host.Get($"/jobs/v1/_admin/jobs/logged/triggers/{id}/deliveries?limit=4&cursor={log[3].GetProperty("id")}");
        Assert.Equal(log[4..].Select(x => x.GetProperty("id").GetString()), next.Body.EnumerateArray().Select(x => x.GetProperty("id").GetString()));

        Task<Answer> Deliver(string body, string signature, string delivery) => host.Deliver("/jobs/v1/hooks/logged", body, ("X-Hub-Signature-256", signature), ("X-GitHub-Delivery", delivery));
    }

    [Fact]
    public async Task And_may_be_delivered_once_more_as_another_run()
    {
        var trigger = await host.Webhook("again", new { kind = "webhook" });
        var (id, url) = (trigger.GetProperty("id").GetString()!, trigger.GetProperty("url").GetString()!);
        var first = await host.Deliver(url, [.. "a=1"u8], "application/x-www-form-urlencoded", headers: ("Idempotency-Key", "k"));
        await host.Deliver(url, new byte[(1 << 20) + 1]);
        var log = await host.Deliveries("again", id, 2);
        var deliveries = $"/jobs/v1/_admin/jobs/again/triggers/{id}/deliveries";

        var again = await host.Post($"{deliveries}/{log[1].GetProperty("id")}/redeliver");
        Assert.NotEqual(first["run_id"], again["run_id"]);
        var (one, two) = (await host.Run(first), await host.Run(again));
        Assert.Equal(one.GetProperty("payload").GetRawText(), two.GetProperty("payload").GetRawText());
        Assert.Equal(log[1].GetProperty("id").GetString(), two.GetProperty("trigger").GetProperty("detail").GetProperty("redelivery_of").GetString());
        Assert.Equal("k", two.GetProperty("trigger").GetProperty("detail").GetProperty("delivery_id").GetString());
        Assert.NotEqual(again["run_id"], (await host.Post($"{deliveries}/{log[1].GetProperty("id")}/redeliver"))["run_id"]);
        Assert.Equal("redelivered", (await host.Deliveries("again", id, 4))[0].GetProperty("verdict").GetString());

        (await host.Post($"{deliveries}/{log[0].GetProperty("id")}/redeliver")).Refused(409, "not_redeliverable");
        (await host.Post($"{deliveries}/whd_01JABCDEFGHJKMNPQRSTVWXYZ0/redeliver")).Refused(404, "delivery_not_found");
        (await host.Post($"{deliveries}/x/redeliver")).Refused(404, "delivery_not_found");
        (await host.Post($"{deliveries}/{log[1].GetProperty("id")}/redeliver", org: "globex")).Refused(404, "trigger_not_found");
        (await host.Get(deliveries.Replace("/again/", "/other/", StringComparison.Ordinal))).Refused(404, "trigger_not_found");
        (await host.Get(deliveries + "?cursor=x")).Refused(400, "invalid_request");
    }

    [Fact]
    public async Task A_flood_that_nobody_signed_fills_nothing()
    {
        var trigger = await host.Webhook("flooded", new { kind = "webhook", path = "/hooks/flooded", verify = new { type = "github", secret = "s" } });
        var id = trigger.GetProperty("id").GetString()!;
        for (var i = 0; i < RefusalAllowance.PerMinute * 3; i++)
            (await host.Deliver("/jobs/v1/hooks/flooded", "garbage")).Refused(401, "signature_invalid");
        Assert.Equal(202, (await host.Deliver("/jobs/v1/hooks/flooded", "1", ("X-Hub-Signature-256", "sha256=" + Given.Hex("s", "1")))).Status);

        // The last to come is the last to be written; the clock may have gone into another minute on the way.
        var log = await host.Deliveries("flooded", id, RefusalAllowance.PerMinute + 1);
        Assert.Equal("accepted", log[0].GetProperty("verdict").GetString());
        Assert.InRange(log.Length, RefusalAllowance.PerMinute + 1, (RefusalAllowance.PerMinute * 2) + 1);
        Assert.All(log[1..], x => Assert.False(x.GetProperty("is_redeliverable").GetBoolean()));
    }

    [Fact]
    public async Task What_is_old_or_too_many_goes()
    {
        var trigger = await host.Webhook("kept", new { kind = "webhook" });
        var (id, url) = (trigger.GetProperty("id").GetString()!, trigger.GetProperty("url").GetString()!);
        var store = host.Services.GetRequiredService<DeliveryStore>();
        var ids = new Hosting.Ids.IdSource(host.Time);
        Delivery New(int size) => new() { OrgId = "acme", TriggerId = id, Id = ids.Next(), ReceivedAt = host.Time.GetUtcNow(), Verdict = Verdicts.Accepted, Status = 202, Method = "POST", Size = size, Detail = "{}", Body = [1] };
        await store.Append([.. Enumerable.Range(0, 2 * DeliveryStore.MostOfTrigger).Select(_ => New(1))]);
        await store.Trim("acme", id, default);
        Assert.Equal(DeliveryStore.MostOfTrigger, (await store.List("acme", id, null, 5_000, default)).Count);

        // Bodies have a limit of their own; the oldest give theirs up.
        await store.Append([New((int)(DeliveryStore.MostBodyBytes / 2)), New((int)(DeliveryStore.MostBodyBytes / 2))]);
        await store.Trim("acme", id, default);
        Assert.Equal(2, (await store.List("acme", id, null, 5_000, default)).Count(x => x.Body is not null));

        await host.Deliver(url, "{}");
        await host.Deliveries("kept", id, 1);
        var retention = host.Services.GetRequiredService<DeliveryRetention>();
        host.Time.Advance(DeliveryStore.Kept - TimeSpan.FromMinutes(1));
        await retention.Round(default);
        Assert.NotEmpty(await store.List("acme", id, null, 5_000, default));
        host.Time.Advance(TimeSpan.FromMinutes(2));
        await retention.Round(default);
        Assert.Empty(await store.List("acme", id, null, 5_000, default));
    }
}
