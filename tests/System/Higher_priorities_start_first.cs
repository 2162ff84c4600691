using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>What callers and a worker with one slot see of priorities: by what was queued and started when, not by how long it took.</summary>
[Collection(SharedSuite.Name)]
public sealed class Higher_priorities_start_first(SharedSuite shared)
{
    const int Low = 1000, Critical = 100, MostAhead = 2 + (2 * 2) + 2;

    /// <summary>How long a run waits for those that come later and whose priority is one higher: low and critical are 25 apart.</summary>
    static readonly TimeSpan Head = TimeSpan.FromMilliseconds(SharedSuite.PriorityWaitMs / 25);

    readonly Api api = shared.Api;

    [Fact, Trait(SharedSuite.Hosts, SharedSuite.Both)]
    public async Task A_thousand_low_ones_hold_no_critical_one_back()
    {
        var ledger = new Ledger(shared.Suite.Folder("alarms"));
        await using var worker = WorkerProcess.Start(shared.Suite, "turns.mjs", ("LEDGER", ledger.Folder));
        foreach (var job in (string[])["reports", "alarms", "blocker"])
            await api.Job(job, new { handler = "turns", max_concurrency = 2 * Low });
        var sign = shared.Sign();
        await api.Trigger("blocker", new { sign });
        await Until.True("the slot is taken", () => Started(ledger, count => count == 1));

        var low = await Queue("reports", "low", Low);
        var critical = await Queue("alarms", "critical", Critical);
        await File.WriteAllTextAsync(sign, "");
        await Until.True("50 low ones have started", () => Started(ledger, _ => ledger.Lines.Count(x => low.ContainsKey(x.Run)) >= 50));

        var order = ledger.Lines.Select(x => x.Run).ToList();
        Assert.Equal(Critical, order.Count(critical.ContainsKey));
        // What was picked before goes first: twice the slots at the executor, as many on their way from each of two schedulers, and one that each picks meanwhile.
        Assert.InRange(order.Take(order.FindLastIndex(critical.ContainsKey)).Count(low.ContainsKey), 0, MostAhead);
        (await api.Send(HttpMethod.Delete, "/jobs/v1/_admin/jobs/reports", null)).Is(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task And_a_low_one_starts_under_higher_ones_without_end()
    {
        const int batch = 30;
        var ledger = new Ledger(shared.Suite.Folder("chores"));
        await using var worker = WorkerProcess.Start(shared.Suite, "turns.mjs", ("LEDGER", ledger.Folder));
        await api.Job("orders", new { handler = "turns", max_concurrency = 10_000 });
        await api.Job("chores", new { handler = "turns" });
        var higher = await Queue("orders", -9, 2 * batch, ms: 15);
        var low = (string)(await api.Post("/jobs/v1/chores/trigger", """{"priority": "low"}""")).Is(HttpStatusCode.Accepted).Json["id"]!;

        await Until.True("the low one has started", async () =>
        {
            if (await Started(ledger, _ => ledger.Lines.Any(x => x.Run == low)))
                return true;
            if (higher.Count - ledger.Lines.Count < 2 * batch)
                foreach (var (id, run) in await Queue("orders", -9, batch, ms: 15))
                    higher[id] = run;
            return false;
        });

        var order = ledger.Lines.Select(x => x.Run).ToList();
        var (turn, chore) = (order.IndexOf(low), await api.Run(low));
        var (created, started) = ((DateTimeOffset)chore["created_at"]!, (DateTimeOffset)chore["started_at"]!);
        // Those that came while it was dispatched are left out: which of them came first, nobody can say.
        var queued = higher.Where(x => (DateTimeOffset)x.Value["created_at"]! < started).ToArray();
        var startedBefore = order.Take(turn).ToHashSet();
        foreach (var (id, run) in queued)
            Assert.True(startedBefore.Contains(id) == (DateTimeOffset)run["created_at"]! < created + Head, $"{run} against {chore}");
        Assert.InRange(turn, 2 * batch, int.MaxValue); // all that were there before it, and more
        Assert.InRange(queued.Length - turn, 20, int.MaxValue); // it had not only to wait for the end of the line
        (await api.Send(HttpMethod.Delete, "/jobs/v1/_admin/jobs/orders", null)).Is(HttpStatusCode.NoContent);
    }

    static Task<bool> Started(Ledger ledger, Func<int, bool> holds)
    {
        ledger.Read();
        return Task.FromResult(holds(ledger.Lines.Count));
    }

    async Task<Dictionary<string, JsonNode>> Queue(string job, object priority, int count, int? ms = null)
    {
        var all = JsonSerializer.Serialize(Enumerable.Repeat(new { priority, payload = ms is null ? null : new { ms } }, count));
        return (await api.Post($"/jobs/v1/{job}/trigger/batch", all)).Is(HttpStatusCode.Accepted).Json.AsArray().ToDictionary(x => (string)x!["id"]!, x => x!);
    }
}
