using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>Orders and their subscribers (<c>workers/order-handlers.mjs</c>), triggered while something fails by callers who do not give up.</summary>
sealed class Orders(Api api, Ledger ledger)
{
    public const string Topic = "order.done";
    public static readonly IReadOnlyList<string> Subscribers = ["invoice", "notice"];

    readonly ConcurrentBag<string> accepted = [];
    int asked;

    /// <summary>Asked for, and not known to be done.</summary>
    public int UnderWay
    {
        get
        {
            ledger.Read();
            return Volatile.Read(ref asked) - ledger.Done;
        }
    }

    public async Task Define()
    {
        await api.Job("order", new { max_concurrency = 100_000 });
        foreach (var subscriber in Subscribers)
            await api.Job(subscriber, new { max_concurrency = 100_000, triggers = new[] { new { kind = "event", topic = Topic } } });
    }

    /// <summary>Triggers this many at once; completes when all of them are accepted.</summary>
    public Task Trigger(int count)
    {
        var first = Interlocked.Add(ref asked, count) - count;
        return Task.WhenAll(Enumerable.Range(first, count).Select(number => Task.Run(() => TriggerOne(number))));
    }

    /// <summary>Waits until the handlers have written this many further lines: some runs wait then, some are in a step, some are being accepted.</summary>
    public async Task AreAtWork(int lines)
    {
        ledger.Read();
        var seen = ledger.Lines.Count;
        await Until.True("the orders are at work", () =>
        {
            ledger.Read();
            return Task.FromResult(ledger.Lines.Count > seen + lines);
        });
    }

    /// <summary>Each that was accepted is there once and completed, no step began after its acknowledgement, and each event came to each subscriber once.</summary>
    public async Task AreDoneOnce()
    {
        foreach (var id in accepted)
            Assert.Equal("completed", (string?)(await Ended(id))["status"]);
        Assert.Equal(asked, accepted.Distinct().Count());
        Assert.Equal(accepted.Order(StringComparer.Ordinal), (await Runs("order")).Select(run => (string)run["id"]!).Order(StringComparer.Ordinal));
        ledger.Read();
        var acknowledged = ledger.Lines.Where(line => line.What == "acknowledged").ToDictionary(line => (line.Run, line.Step), line => line.At);
        Assert.All(ledger.Lines.Where(line => line.What == "start"), start =>
            Assert.True(!acknowledged.TryGetValue((start.Run, start.Step), out var end) || start.At < end, $"{start} came after the step's acknowledgement"));
        foreach (var subscriber in Subscribers)
            await Until.True($"every event has come to {subscriber} and is worked off", async () =>
                await Runs(subscriber) is var runs && runs.Count >= asked && runs.All(run => (string?)run["status"] == "completed"));
        foreach (var subscriber in Subscribers)
            Assert.Equal(asked, (await Runs(subscriber)).Count);
    }

    Task<IReadOnlyList<JsonNode>> Runs(string job) => api.All($"/jobs/v1/runs?job_id={job}&limit=500");

    async Task TriggerOne(int number)
    {
        var answer = await api.Persist(HttpMethod.Post, "/jobs/v1/order/trigger", JsonSerializer.Serialize(new { payload = new { number } }), $"order-{number}");
        accepted.Add((string)answer.Is(HttpStatusCode.Accepted).Json["id"]!);
    }

    async Task<JsonNode> Ended(string id)
    {
        for (; ; )
        {
            var run = (await api.Persist(HttpMethod.Get, $"/jobs/v1/runs/{id}?wait=30s")).Is(HttpStatusCode.OK).Json;
            if ((string?)run["completed_at"] is not null)
                return run;
        }
    }
}
