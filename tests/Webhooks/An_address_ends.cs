using System.Text;

namespace ReactorJobs.Tests.Webhooks;

[Collection(WithHost.Name)]
public sealed class An_address_ends(SharedHost shared)
{
    [Fact]
    public async Task When_its_time_is_over()
    {
        await using var host = await Host.Start(shared.Server.NewDatabase());
        var trigger = await host.Webhook("short", new { kind = "webhook", expires_in = "1h" });
        var url = trigger.GetProperty("url").GetString()!;
        Assert.Equal(trigger.GetProperty("created_at").GetDateTimeOffset().AddHours(1), trigger.GetProperty("expires_at").GetDateTimeOffset());
        Assert.Equal(202, (await host.Deliver(url, "1")).Status);
        host.Time.Advance(TimeSpan.FromHours(1));
        (await host.Deliver(url, "1")).Refused(404, "trigger_not_found");
        Assert.Equal("expired", (await host.Deliveries("short", trigger.GetProperty("id").GetString()!, 2))[0].GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task On_all_ingresses_within_the_age_of_what_they_remember()
    {
        await using var host = await Host.Start(shared.Server.NewDatabase());
        await using var other = await Host.StartIngress(host.Database, host.Address);
        var trigger = await host.Webhook("two", new { kind = "webhook" });
        var url = trigger.GetProperty("url").GetString()!;
        Assert.Equal(202, (await host.Deliver(url, "1")).Status);
        Assert.Equal(202, (await other.Deliver(url, "1")).Status);

        Assert.Equal(204, (await host.Send(HttpMethod.Delete, $"/jobs/v1/_admin/jobs/two/triggers/{trigger.GetProperty("id")}")).Status);
        (await host.Deliver(url, "1")).Refused(404, "trigger_not_found");
        other.Time.Advance(TimeSpan.FromSeconds(8));
        (await other.Deliver(url, "1")).Refused(404, "trigger_not_found");
    }

    [Fact]
    public async Task But_not_because_the_scheduler_is_away_which_asks_for_one_more_try()
    {
        await using var host = await Host.Start(shared.Server.NewDatabase());
        await using var alone = await Host.StartIngress(host.Database);
        var trigger = await host.Webhook("away", new { kind = "webhook" });
        var url = trigger.GetProperty("url").GetString()!;
        var refused = (await alone.Deliver(url, """{"n":1}""")).Refused(503, "unavailable");
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);

        // What could not be started is kept for those whose senders do not try again.
        var log = await host.Deliveries("away", trigger.GetProperty("id").GetString()!, 1);
        Assert.Equal(("unavailable", true), (log[0].GetProperty("verdict").GetString(), log[0].GetProperty("is_redeliverable").GetBoolean()));
        var again = await host.Post($"/jobs/v1/_admin/jobs/away/triggers/{trigger.GetProperty("id")}/deliveries/{log[0].GetProperty("id")}/redeliver");
        Assert.Equal("""{"n":1}""", (await host.Run(again)).GetProperty("payload").GetRawText());
    }

    [Fact]
    public async Task An_ingress_that_has_a_scheduler_again_takes_in_what_is_sent_again()
    {
        await using var host = await Host.Start(shared.Server.NewDatabase());
        var url = (await host.Webhook("burst", new { kind = "webhook" })).GetProperty("url").GetString()!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => host.Deliver(url, Encoding.UTF8.GetBytes($"{i % 10}"), headers: ("webhook-id", $"m{i % 10}"))));
        Assert.All(answers, x => Assert.Equal(202, x.Status));
        Assert.Equal(10, answers.Select(x => x["run_id"]).Distinct().Count());
    }
}
