using System.Text.Json;
using ReactorJobs.Tests.System.Harness;
using ReactorJobs.Tests.Torture.Faults;
using ReactorJobs.Tests.Torture.Workload;

namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>A run as the database has it at the end.</summary>
sealed record RunRow(
    string Org, string Id, string Job, string Status, int Attempt, string Payload, string? Result, string TriggerKind, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt)
{
    public bool IsFinal => Status is "completed" or "failed" or "cancelled";

    /// <summary>A text of the payload; null where it has none of the name.</summary>
    public string? Text(string field) => Fields.Text(Payload, field);
}

/// <summary>A run as the API lists it.</summary>
sealed record ListedRun(string Org, string Id, string Job, string Status, int Attempt);

/// <summary>An entry of a run's journal.</summary>
/// <param name="Epoch">Of the attempt that wrote it.</param>
/// <param name="Topics">Of the events that were committed with it.</param>
sealed record Entry(string Org, string Run, int Epoch, string Key, string Output, IReadOnlyList<string> Topics);

sealed record EventRow(string Org, string Topic, string Payload, string? Run)
{
    public string? Text(string field) => Fields.Text(Payload, field);
}

/// <summary>An attempt that has ended.</summary>
/// <param name="IsOfHandler">Whether it was more than a cancel, or a dispatch that was handed back.</param>
sealed record AttemptRow(string Org, string Run, int Epoch, string Outcome, bool IsOfHandler, DateTimeOffset Started, DateTimeOffset Ended);

sealed record DeadLetterRow(string Org, string Run);

/// <summary>What should be empty when all is quiet, and is not.</summary>
sealed record Leftover(string What, long Count);

/// <summary>A job whose counters were not what its runs came to, in one look at both.</summary>
sealed record Miscount(string Org, string Job, int Due, int Running, long ReallyDue, long ReallyRunning);

/// <summary>All that is known when a trial is over.</summary>
/// <param name="Entries">In the order of their commits.</param>
/// <param name="Miscounts">At any time of the trial.</param>
sealed record History(
    IReadOnlyList<WorkItem> Items, IReadOnlyList<Call> Calls, IReadOnlyList<LedgerLine> Ledger, IReadOnlyList<RunRow> Runs, IReadOnlyList<ListedRun> Listed,
    IReadOnlyList<Entry> Entries, IReadOnlyList<EventRow> Events, IReadOnlyList<AttemptRow> Attempts, IReadOnlyList<DeadLetterRow> DeadLetters,
    IReadOnlyList<Leftover> Leftovers, IReadOnlyList<Miscount> Miscounts, IReadOnlyList<FaultWindow> Faults)
{
    public static readonly History Empty = new([], [], [], [], [], [], [], [], [], [], [], []);

    /// <summary>Runs that clients have started, by the key in their payload.</summary>
    public ILookup<(string Org, string Key), RunRow> ByKey() =>
        Runs.Where(x => x.TriggerKind == "manual").ToLookup(x => (x.Text("org") ?? x.Org, x.Text("key") ?? x.Id));
}

/// <param name="Invariant">Which promise is broken.</param>
sealed record Violation(string Invariant, string Text);

static class Fields
{
    /// <summary>What tells events and scheduled runs apart, in their payloads as in the runs that they start.</summary>
    public static string Origin(Func<string, string?> text) => $"{text("run")}/{text("step")}/{text("nonce")}/{text("part")}";

    public static string? Text(string json, string field)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(field, out var value) ? value.ToString() : null;
    }
}
