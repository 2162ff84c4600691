using System.Text;
using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>The messages as they stand on the bus: services of two versions run side by side, so their JSON changes only on purpose.</summary>
public sealed class Contracts_are_approved
{
    static readonly Guid Id = new("01890000-0000-7000-8000-000000000001");
    static readonly RunId Run = new(Id);
    static readonly DateTimeOffset At = ManualTime.Start.AddMilliseconds(5);
    static readonly RawJson Payload = RawJson.Trusted("""{ "amount": 1.50 }""");
    static readonly RunError Error = new("TypeError", "x is not a function", "code", "at charge", "charge");

    static readonly object[] Samples =
    [
        new ExecuteRun("acme", Run, 2, 1, 3, "process-order", "process", Payload, new(TriggerKinds.Event, "evt_1", Payload), 600_000, At, Run, 12_345),
        new CancelAttempt("acme", Run, 2, "cancelled"),
        new AttemptFinished("acme", Run, "process-order", 2, AttemptOutcomes.Failed, RawJson.Null, Error, true, 30_000, At, At),
        new AttemptSuspended("acme", Run, "process-order", 2, [new(WaitCondition.Time, "sleep:a", At)], At, At),
        new ExecutorAdvertised("executor-1", Id, [new("acme", ["process"], 10), new(SlotPool.AnyOrg, [SlotPool.HttpHandlers], 100)], UptimeMs: 12_345, Replaces: [Id]),
        new RunsEnded(Id, [new("acme", Run, 2)]),
        new StartRun([new("acme", Run, "process-order", Payload, new(TriggerKinds.Schedule, Run.ToString()), At, 10, 30_000, "order-7")]),
        new StartsRefused([new("acme", Run, "process-order", Payload, new(TriggerKinds.Sql), RefusalCodes.JobNotFound, "There is no job \"process-order\".")]),
        new EventEmitted("acme", new(Id), "order.charged", Payload, At, Run),
    ];

    public static TheoryData<string> Messages => [.. Samples.Select(x => x.GetType().Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void As_JSON(string message)
    {
        var sample = Samples.Single(x => x.GetType().Name == message);
        var serialize = typeof(OutboxMessage).GetMethod(nameof(OutboxMessage.For))!.MakeGenericMethod(sample.GetType());
        var outgoing = (OutboxMessage)serialize.Invoke(null, [Id, "acme", "queue", sample, null])!;
        Approval.Verify($"Approved/{message}.json", Indented(outgoing.Body));

        // And back: what was not written is not read.
        using var envelope = JsonDocument.Parse(outgoing.Body);
        var read = envelope.RootElement.GetProperty("message").Deserialize(sample.GetType(), JsonSerializerOptions.Web)!;
        Assert.Equal(JsonSerializer.Serialize(sample, sample.GetType()), JsonSerializer.Serialize(read, sample.GetType()));
    }

    [Fact]
    public void Every_contract_has_a_sample()
    {
        string[] parts = [nameof(RunStart), nameof(RunTrigger), nameof(RunError), nameof(SlotPool), nameof(WaitCondition), nameof(RunEpoch), nameof(RefusedStart)];
        Assert.Equal(
            Samples.Select(x => x.GetType().Name).Concat(parts).Order(),
            typeof(ExecuteRun).Assembly.GetTypes().Where(x => x is { IsPublic: true, IsClass: true } && x.GetMethod("<Clone>$") is not null).Select(x => x.Name).Order());
    }

    [Fact]
    public void Queues_have_their_names() => Assert.Equal(
        [
            "scheduler.attempts", "scheduler.starts", "events.emitted", "events.refused", "executor.01H4000000E008000000000001", "scheduler.slots.01H4000000E008000000000001",
            "executor-1.receipts.01H4000000E008000000000001",
        ],
        [Queues.Attempts, Queues.Starts, Queues.Events, Queues.Refusals, Queues.Executor(Id), Queues.Advertisements(Id), Queues.Receipts("executor-1", Id)]);

    [Fact]
    public void Those_of_one_start_are_told_from_those_that_stay()
    {
        Assert.All([Queues.Executor(Id), Queues.Advertisements(Id), Queues.Receipts("executor-1", Id)], queue => Assert.True(Queues.IsOneStarts(queue)));
        Assert.All([Queues.Attempts, Queues.Starts, Queues.Events, Queues.Refusals], queue => Assert.False(Queues.IsOneStarts(queue)));
    }

    [Fact]
    public void The_page_of_the_bus_shows_each_of_them()
    {
        var page = File.ReadAllText(Path.Combine(Approval.Folder(), "../../docs/bus.md"));
        foreach (var message in Samples.Select(x => x.GetType().Name))
        {
            using var envelope = JsonDocument.Parse(File.ReadAllText(Path.Combine(Approval.Folder(), $"Approved/{message}.json")));
            Assert.Contains($"### {message}\n", page, StringComparison.Ordinal);
            Assert.True(page.Contains(envelope.RootElement.GetProperty("message").GetRawText().Replace("\n  ", "\n", StringComparison.Ordinal), StringComparison.Ordinal), $"docs/bus.md does not show {message} as Approved/{message}.json has it.");
        }
    }

    static string Indented(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Indented = true }))
            document.RootElement.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
