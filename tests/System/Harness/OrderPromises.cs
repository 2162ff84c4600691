using System.Text.Json;
using Npgsql;
using ReactorJobs.Contracts;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>What has to hold of orders and their subscribers when all is quiet, whatever was killed before.</summary>
/// <param name="accepted">The orders' runs.</param>
sealed class OrderPromises(int runs, IReadOnlyList<string> accepted, Api api, Ledger ledger, NpgsqlConnection database)
{
    static readonly string[] Steps = ["reserve", "charge", "ship"];

    public async Task Check()
    {
        await EveryAcceptedRunIsThereOnceAndCompleted();
        NoStepStartsAfterItsAcknowledgement();
        await WhatWasAcknowledgedIsWhatTheRunHas();
        await EveryEventCameOncePerSubscriber();
        await NothingIsLeftOver();
    }

    async Task EveryAcceptedRunIsThereOnceAndCompleted()
    {
        Assert.Equal(runs, accepted.Count);
        Assert.Equal(runs, accepted.Distinct().Count());
        var listed = await api.All("/jobs/v1/runs?job_id=order&limit=500");
        Assert.Equal(accepted.Order(StringComparer.Ordinal), listed.Select(run => (string)run["id"]!).Order(StringComparer.Ordinal));
        Assert.All(listed, run => Assert.Equal("completed", (string?)run["status"]));
        foreach (var subscriber in Orders.Subscribers)
        {
            var started = await api.All($"/jobs/v1/runs?job_id={subscriber}&limit=500");
            Assert.Equal(runs, started.Count);
            Assert.All(started, run => Assert.Equal("completed", (string?)run["status"]));
        }
    }

    void NoStepStartsAfterItsAcknowledgement()
    {
        var acknowledged = new Dictionary<(string, string), LedgerLine>();
        foreach (var line in ledger.Lines.Where(line => line.What == "acknowledged"))
            Assert.True(acknowledged.TryAdd((line.Run, line.Step), line), $"{line.Run} {line.Step} was acknowledged twice: {line}");
        foreach (var start in ledger.Lines.Where(line => line.What == "start"))
            if (acknowledged.TryGetValue((start.Run, start.Step), out var end))
                Assert.True(start.At < end.At, $"{start.Run} started {start.Step} again after its checkpoint was acknowledged:\n{end}\n{start}");
        Assert.True(acknowledged.Count > runs * 4, $"Only {acknowledged.Count} steps were acknowledged.");
    }

    async Task WhatWasAcknowledgedIsWhatTheRunHas()
    {
        var results = new Dictionary<string, string[]>();
        await using var command = new NpgsqlCommand("select id, result from scheduler.run where job = 'order'", database);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            results[new RunId(reader.GetGuid(0)).ToString()] = JsonSerializer.Deserialize<string[]>(reader.GetString(1))!;
        foreach (var line in ledger.Lines.Where(line => line.What == "acknowledged" && results.ContainsKey(line.Run)))
            Assert.Equal(line.Value, results[line.Run][Array.IndexOf(Steps, line.Step)]);
    }

    async Task EveryEventCameOncePerSubscriber()
    {
        Assert.Equal(runs, await database.Count($"select count(*) from events.event where topic = '{Orders.Topic}' and deliveries = {Orders.Subscribers.Count}"));
        Assert.Equal(runs, await database.Count("select count(*) from events.event"));
        foreach (var subscriber in Orders.Subscribers)
        {
            await using var command = new NpgsqlCommand("select payload::jsonb ->> 'run' from scheduler.run where job = $1", database) { Parameters = { new() { Value = subscriber } } };
            await using var reader = await command.ExecuteReaderAsync();
            var heard = new List<string>();
            while (await reader.ReadAsync())
                heard.Add(reader.GetString(0));
            Assert.Equal(accepted.Order(StringComparer.Ordinal), heard.Order(StringComparer.Ordinal));
        }
    }

    async Task NothingIsLeftOver()
    {
        foreach (var table in OrdersUnderKills.Transient)
            Assert.Equal((table, 0), (table, await database.Count($"select count(*) from {table}")));
        Assert.Equal(0, await database.Count("select count(*) from scheduler.job_load where due <> 0 or running <> 0"));
        Assert.Equal(0, await database.Count("select count(*) from scheduler.run where status <> 'completed' or due"));
        Assert.Equal(0, await database.Count("select count(*) from scheduler.dead_letter"));
    }
}
