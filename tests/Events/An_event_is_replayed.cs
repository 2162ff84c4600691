using System.Text.Json;
using ReactorJobs.Contracts;

namespace ReactorJobs.Tests.Events;

/// <summary>A stored event is handed to those who listen now, again, as new runs.</summary>
[Collection(PostgresCollection.Name)]
public sealed class An_event_is_replayed : IAsyncLifetime
{
    const string Events = "/jobs/v1/_admin/events";
    readonly Host host;

    public An_event_is_replayed(PostgresServer server) => host = new(server);

    public Task InitializeAsync() => host.InitializeAsync();

    public Task DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task To_its_present_subscribers_as_new_runs_that_the_event_shows()
    {
        await Subscribe("trg_1");
        var id = await Emit();
        var first = await host.NextStart();
        await Subscribe("trg_2");

        var replayed = await host.Send(HttpMethod.Post, $"{Events}/{id}/replay");

        Assert.Equal(202, replayed.Status);
        Assert.Equal(["trg_1", "trg_2"], Values(replayed.Body, "trigger_id"));
        Assert.DoesNotContain(first.RunId.ToString(), Values(replayed.Body, "run_id"));
        var starts = new[] { await host.NextStart(), await host.NextStart() };
        Assert.Equal(Values(replayed.Body, "run_id"), starts.OrderBy(x => x.Trigger.Id).Select(x => x.RunId.ToString()));
        var replay = replayed.Body[0].GetProperty("replay_id").GetString();
        Assert.All(starts, x => Assert.Equal($$"""{"event_id":"{{id}}","topic":"order.paid","replay_id":"{{replay}}"}""", x.Trigger.Detail.ToString()));

        var shown = await host.Send(HttpMethod.Get, $"{Events}/{id}");
        Assert.Equal("3", shown["deliveries"]);
        Assert.Equal([null, replay, replay], Values(shown.Body.GetProperty("delivered_to"), "replay_id"));
    }

    [Fact]
    public async Task Once_for_each_key_whoever_has_come_since()
    {
        await Subscribe("trg_1");
        var id = await Emit();
        await host.NextStart();
        var first = await Replay(id, "again");
        await Subscribe("trg_2");

        var second = await Replay(id, "again");
        var other = await Replay(id, "another");
        var conflict = await host.Send(HttpMethod.Post, $"{Events}/{id}/replay", new { triggers = new[] { "trg_1" } }, headers: x => x.Add("Idempotency-Key", "again"));

        Assert.Equal((202, first.Body.ToString()), (second.Status, second.Body.ToString()));
        Assert.Equal(2, other.Body.GetArrayLength());
        Assert.Equal((409, "idempotency_conflict"), (conflict.Status, conflict["code"]));
    }

    [Fact]
    public async Task By_several_callers_with_one_key_at_once_as_one()
    {
        await Subscribe("trg_1");
        var id = await Emit();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Replay(id, "at once")));

        Assert.Single(answers.Select(x => (x.Status, x.Body.ToString())).Distinct());
        Assert.Equal("2", (await host.Send(HttpMethod.Get, $"{Events}/{id}"))["deliveries"]);
    }

    [Fact]
    public async Task To_some_of_its_subscribers()
    {
        await Subscribe("trg_1");
        await Subscribe("trg_2");
        var id = await Emit();

        var replayed = await host.Send(HttpMethod.Post, $"{Events}/{id}/replay", new { triggers = new[] { "trg_2" } });
        var stranger = await host.Send(HttpMethod.Post, $"{Events}/{id}/replay", new { triggers = new[] { "trg_2", "trg_3" } });

        Assert.Equal(["trg_2"], Values(replayed.Body, "trigger_id"));
        Assert.Equal((400, "/triggers/1"), (stranger.Status, stranger.Body.GetProperty("errors")[0].GetProperty("pointer").GetString()));
    }

    [Fact]
    public async Task That_nobody_took_when_somebody_listens_at_last()
    {
        var id = await Emit();
        var empty = await Replay(id, "too early");
        await Subscribe("trg_1");

        Assert.Equal((202, 0), (empty.Status, empty.Body.GetArrayLength()));
        Assert.Equal(1, (await host.Send(HttpMethod.Post, $"{Events}/{id}/replay", "")).Body.GetArrayLength());
        Assert.Equal(new RunId(default).ToString().Length, (await host.NextStart()).RunId.ToString().Length);
        Assert.Equal(0, (await host.Send(HttpMethod.Get, $"{Events}?status=unconsumed")).Body.GetArrayLength());
    }

    [Theory]
    [InlineData("""{"triggers":7}""", "/triggers")]
    [InlineData("""{"triggers":["a",7]}""", "/triggers/1")]
    [InlineData("""{"triggers":["\ud800"]}""", "/triggers/0")]
    [InlineData("""{"trigers":[]}""", "/trigers")]
    public async Task Not_where_the_request_is_wrong(string body, string pointer)
    {
        var refused = await host.Send(HttpMethod.Post, $"{Events}/{await Emit()}/replay", body);
        Assert.Equal((400, pointer), (refused.Status, refused.Body.GetProperty("errors")[0].GetProperty("pointer").GetString()));
    }

    [Fact]
    public async Task Not_of_another_org()
    {
        var id = await Emit();
        foreach (var missing in new[] { await host.Send(HttpMethod.Post, $"{Events}/{id}/replay", org: "globex"), await host.Send(HttpMethod.Post, $"{Events}/evt_1/replay") })
            Assert.Equal((404, "event_not_found"), (missing.Status, missing["code"]));
    }

    async Task<string?> Emit() => (await host.Send(HttpMethod.Post, Events, new { topic = "order.paid", payload = 1 }))["id"];

    Task<Answer> Replay(string? id, string key) => host.Send(HttpMethod.Post, $"{Events}/{id}/replay", headers: x => x.Add("Idempotency-Key", key));

    async Task Subscribe(string trigger) => Assert.Equal(
        200, (await host.SendInternal(HttpMethod.Put, $"/internal/events/orgs/acme/subscriptions/{trigger}", new { topic = "order.paid", job = "job" })).Status);

    static IEnumerable<string?> Values(JsonElement list, string field) => list.EnumerateArray().Select(x => x.GetProperty(field).GetString());
}
