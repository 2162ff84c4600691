using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Runs;

/// <summary>How a step or a sleep lies in time.</summary>
/// <param name="To">Its end; the present for one that still goes on.</param>
readonly record struct StepSpan(DateTimeOffset From, DateTimeOffset To)
{
    public const string Waiting = "waiting";
    public const string Waited = "waited";

    /// <summary>Steps and sleeps share the list: a sleep says so by its kind, or is seen by its status or its due time.</summary>
    public static bool Sleeps(JsonElement step) =>
        step.Text("kind") is "sleep" || step.Text("type") is "sleep" || step.Text("status") is RunStatus.Sleeping or Waiting || Due(step) is not null;

    public static DateTimeOffset? Due(JsonElement step) => step.Time("due_at") ?? step.Time("wake_at");

    public static string Status(JsonElement step)
    {
        var status = step.Text("status") ?? RunStatus.Completed;
        if (!Sleeps(step)) return status;
        return status switch { RunStatus.Completed => Waited, "cancelled" or "failed" => status, _ => Waiting };
    }

    public static bool GoesOn(string status) => status is RunStatus.Running or Waiting or "pending" or RunStatus.Retrying;

    /// <summary>None for a step that has not started.</summary>
    public static StepSpan? Of(JsonElement step, DateTimeOffset now)
    {
        if (step.Time("started_at") is not { } from) return null;
        if (GoesOn(Status(step))) return new StepSpan(from, now > from ? now : from);
        return new StepSpan(from, step.Milliseconds("duration_ms") is { } took ? from + took : step.Time("ended_at") ?? Due(step) ?? from);
    }

    public static StepSpan? OfAttempt(JsonElement attempt, DateTimeOffset now) =>
        attempt.Time("started_at") is { } from ? new StepSpan(from, attempt.Time("ended_at") ?? (now > from ? now : from)) : null;

    public TimeSpan Length => To - From;
}
