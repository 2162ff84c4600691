using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Schema;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Events;

[Collection(PostgresCollection.Name)]
public sealed class EventEndpointTests : IAsyncLifetime
{
    const string Events = "/jobs/v1/_admin/events";
    readonly Host host;

    public EventEndpointTests(PostgresServer server) => host = new(server);

    public Task InitializeAsync() => host.InitializeAsync();

    public Task DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task An_event_is_accepted_delivered_and_shown()
    {
        await Subscribe("trg_1", "order.paid", "send-receipt");

        var accepted = await host.Send(HttpMethod.Post, Events, """{"topic":"order.paid","payload":{"total": 1.50}}""");

        Assert.Equal(202, accepted.Status);
        Assert.Equal(["id", "topic", "payload", "source_run_id", "emitted_at", "deliveries"], accepted.Body.EnumerateObject().Select(x => x.Name));
        Assert.Equal("""{"total": 1.50}""", accepted.Body.GetProperty("payload").GetRawText());
        Assert.Equal("1", accepted["deliveries"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", accepted["emitted_at"]);

        var start = await host.NextStart();
        Assert.Equal(("acme", "send-receipt", """{"total": 1.50}"""), (start.OrgId, start.Job, start.Payload.ToString()));
        Assert.True(EventId.TryParse(accepted["id"], out var id));
        Assert.Equal(new RunId(IdSource.Derive(id.Value, "trg_1")), start.RunId);
        Assert.Equal(("event", "trg_1"), (start.Trigger.Kind, start.Trigger.Id));
        Assert.Equal($$"""{"event_id":"{{id}}","topic":"order.paid"}""", start.Trigger.Detail.ToString());

        var detail = await host.Send(HttpMethod.Get, $"{Events}/{id}");
        var delivery = Assert.Single(detail.Body.GetProperty("delivered_to").EnumerateArray());
        Assert.Equal(("trg_1", start.RunId.ToString()), (delivery.GetProperty("trigger_id").GetString(), delivery.GetProperty("run_id").GetString()));
        await OutboxIsEmpty();
    }

    [Fact]
    public async Task An_event_sent_again_under_its_id_is_one_event()
    {
        await Subscribe("trg_1", "order.paid", "send-receipt");
        var id = host.Services.GetRequiredService<IdSource>().NewEvent().ToString();
        var first = await host.Send(HttpMethod.Post, Events, new { topic = "order.paid", payload = 1, id });
        await Subscribe("trg_2", "order.paid", "other");

        var again = await host.Send(HttpMethod.Post, Events, new { topic = "order.paid", payload = 1, id });
        var different = await host.Send(HttpMethod.Post, Events, new { topic = "order.paid", payload = 2, id });
        var elsewhere = await host.Send(HttpMethod.Post, Events, new { topic = "order.lost", payload = 1, id });
        await host.Send(HttpMethod.Post, Events, new { topic = "order.paid", payload = 3 });

        Assert.Equal((202, first.Body.ToString()), (again.Status, again.Body.ToString()));
        Assert.Equal((409, "idempotency_conflict"), (different.Status, different["code"]));
        Assert.Equal(409, elsewhere.Status);
        Assert.Equal(["1", "3", "3"], await NextPayloads(3));
    }

    [Fact]
    public async Task The_same_id_is_free_in_another_org()
    {
        var id = host.Services.GetRequiredService<IdSource>().NewEvent().ToString();
        await host.Send(HttpMethod.Post, Events, new { topic = "t", payload = 1, id });

        var other = await host.Send(HttpMethod.Post, Events, new { topic = "t", payload = 2, id }, org: "globex");
        var third = await host.Send(HttpMethod.Get, $"{Events}/{id}", org: "initech");
        var missing = await host.Send(HttpMethod.Get, $"{Events}/{host.Services.GetRequiredService<IdSource>().NewEvent()}", org: "initech");

        Assert.Equal(202, other.Status);
        Assert.Equal("2", (await host.Send(HttpMethod.Get, $"{Events}/{id}", org: "globex"))["payload"]);
        Assert.Equal((404, "event_not_found"), (third.Status, third["code"]));
        Assert.Equal((404, "event_not_found"), (missing.Status, missing["code"]));
    }

    [Theory]
    [InlineData("""{}""", "/topic")]
    [InlineData("""{"topic":""}""", "/topic")]
    [InlineData("""{"topic":null}""", "/topic")]
    [InlineData("""{"topic":7}""", "/topic")]
    [InlineData("""{"topic":"a\u0000b"}""", "/topic")]
    [InlineData("""{"topic":"a\nb"}""", "/topic")]
    [InlineData("""{"topic":"\ud800"}""", "/topic")]
    [InlineData("""{"topic":"t","id":"evt_1"}""", "/id")]
    [InlineData("""{"topic":"t","id":"evt_00000000000000000000000000"}""", "/id")]
    [InlineData("""{"topic":"t","paylaod":1}""", "/paylaod")]
    public async Task A_bad_event_is_refused_by_the_name_of_its_field(string body, string pointer)
    {
        var refused = await host.Send(HttpMethod.Post, Events, body);

        Assert.Equal((400, "invalid_request"), (refused.Status, refused["code"]));
        Assert.Equal(pointer, Assert.Single(refused.Body.GetProperty("errors").EnumerateArray()).GetProperty("pointer").GetString());
        Assert.Equal("application/problem+json", refused.Headers["Content-Type"]);
    }

    [Fact]
    public async Task Events_are_listed_newest_first_in_pages_that_hold_while_more_come_in()
    {
        var ids = new List<string?>();
        for (var i = 0; i < 5; i++)
            ids.Insert(0, (await host.Send(HttpMethod.Post, Events, new { topic = i == 2 ? "other" : "order paid&x" }))["id"]);
        ids.RemoveAt(2);

        var first = await host.Send(HttpMethod.Get, $"{Events}?topic=order%20paid%26x&limit=3");
        await host.Send(HttpMethod.Post, Events, new { topic = "order paid&x" });
        var link = first.Headers["Link"];
        Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);
        var second = await host.Send(HttpMethod.Get, link[1..link.IndexOf('>', StringComparison.Ordinal)]);

        Assert.Equal(ids[..3], Ids(first));
        Assert.Equal(ids[3..], Ids(second));
        Assert.False(second.Headers.ContainsKey("Link"));
    }

    [Fact]
    public async Task Unconsumed_events_can_be_listed()
    {
        await Subscribe("trg_1", "heard", "job");
        var heard = (await host.Send(HttpMethod.Post, Events, new { topic = "heard" }))["id"];
        var unheard = (await host.Send(HttpMethod.Post, Events, new { topic = "unheard" }))["id"];

        Assert.Equal([unheard], Ids(await host.Send(HttpMethod.Get, $"{Events}?status=unconsumed")));
        Assert.Equal([heard], Ids(await host.Send(HttpMethod.Get, $"{Events}?status=consumed")));
        Assert.Equal([unheard, heard], Ids(await host.Send(HttpMethod.Get, $"{Events}?since=2020-01-01T00:00:00Z")));
        Assert.Empty(Ids(await host.Send(HttpMethod.Get, $"{Events}?since=2999-01-01T00:00:00Z")));
        Assert.Empty(Ids(await host.Send(HttpMethod.Get, Events, org: "globex")));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("status=new", "status")]
    [InlineData("since=yesterday", "since")]
    [InlineData("cursor=7", "cursor")]
    [InlineData("topic=a%00", "topic")]
    public async Task A_bad_query_is_refused_by_the_name_of_its_parameter(string query, string pointer)
    {
        var refused = await host.Send(HttpMethod.Get, $"{Events}?{query}");

        Assert.Equal((400, "invalid_request"), (refused.Status, refused["code"]));
        Assert.Equal(pointer, Assert.Single(refused.Body.GetProperty("errors").EnumerateArray()).GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task Any_service_may_publish_an_event_onto_the_bus()
    {
        await Subscribe("trg_1", "order.paid", "send-receipt");
        var bus = host.Services.GetRequiredService<IBus>();
        var ids = host.Services.GetRequiredService<IdSource>();
        var run = ids.NewRun();
        var emitted = new EventEmitted("acme", ids.NewEvent(), "order.paid", RawJson.Trusted("""{"big":12345678901234567890.10}"""),
            new(2026, 1, 31, 10, 0, 0, TimeSpan.FromHours(1)), run);

        await bus.Publish(emitted with { EventId = ids.NewEvent(), Topic = "refused\u0000" });
        await Task.WhenAll(bus.Publish(emitted), bus.Publish(emitted));
        await bus.Publish(emitted with { EventId = ids.NewEvent(), Payload = default });
        await bus.Publish(emitted with { EventId = ids.NewEvent(), OrgId = "nobody" });

        Assert.Equal(["null", """{"big":12345678901234567890.10}"""], await NextPayloads(2));
        Assert.False(host.Starts.TryRead(out _));
        var shown = await host.Send(HttpMethod.Get, $"{Events}/{emitted.EventId}");
        Assert.Equal((run.ToString(), "2026-01-31T09:00:00.000Z"), (shown["source_run_id"], shown["emitted_at"]));
    }

    [Fact]
    public async Task Subscriptions_are_for_services_only()
    {
        const string path = "/internal/events/orgs/acme/subscriptions";
        foreach (var answer in new[] { await host.Send(HttpMethod.Get, path), await host.Send(HttpMethod.Put, path + "/t", new { topic = "t", job = "j" }, org: null) })
            Assert.Equal((404, "not_found"), (answer.Status, answer["code"]));

        var put = await host.SendInternal(HttpMethod.Put, path + "/trg_1", new { topic = "order.paid", job = "a" });
        var again = await host.SendInternal(HttpMethod.Put, path + "/trg_1", new { topic = "order.paid", job = "a" });
        var list = await host.SendInternal(HttpMethod.Get, path);

        Assert.Equal(200, put.Status);
        Assert.Equal(put.Body.ToString(), again.Body.ToString());
        Assert.Equal(put.Body.ToString(), Assert.Single(list.Body.EnumerateArray()).ToString());
        Assert.Equal(0, (await host.SendInternal(HttpMethod.Get, "/internal/events/orgs/globex/subscriptions")).Body.GetArrayLength());
        Assert.Equal(400, (await host.SendInternal(HttpMethod.Put, path + "/trg_1", new { topic = "" })).Status);
        Assert.Equal(204, (await host.SendInternal(HttpMethod.Delete, path + "/trg_1")).Status);
        Assert.Equal(204, (await host.SendInternal(HttpMethod.Delete, path + "/trg_1")).Status);
        Assert.Equal(0, (await host.SendInternal(HttpMethod.Get, path)).Body.GetArrayLength());
    }

    async Task Subscribe(string trigger, string topic, string job) =>
        Assert.Equal(200, (await host.SendInternal(HttpMethod.Put, $"/internal/events/orgs/acme/subscriptions/{trigger}", new { topic, job })).Status);

    /// <summary>Sorted, because messages may overtake each other.</summary>
    async Task<IEnumerable<string>> NextPayloads(int count)
    {
        var payloads = new List<string>();
        while (payloads.Count < count)
            payloads.Add((await host.NextStart()).Payload.ToString());
        return payloads.Order(StringComparer.Ordinal);
    }

    static IEnumerable<string?> Ids(Answer list) => list.Body.EnumerateArray().Select(x => x.GetProperty("id").GetString());

    /// <summary>The scheduler has confirmed, so nothing stays to be sent: the row goes without another event to take it along.</summary>
    async Task OutboxIsEmpty()
    {
        var database = host.Services.GetRequiredKeyedService<ServiceDatabase>(EventsDb.Name);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        for (long left = 1; left > 0;)
        {
            patience.Token.ThrowIfCancellationRequested();
            await using var connection = await database.OpenSweep(patience.Token);
            await using var command = new NpgsqlCommand("select count(*) from outbox", connection);
            left = (long)(await command.ExecuteScalarAsync(patience.Token))!;
        }
    }
}
