namespace ReactorJobs.Tests.Torture.Workload;

enum Verb
{
    Trigger,
    Read,
    Cancel,
}

enum Outcome
{
    Accepted,

    /// <summary>The suite has said no, with a code.</summary>
    Refused,

    /// <summary>No answer, or one that says that it cannot tell: it may have happened, or not.</summary>
    Unknown,
}

/// <summary>One request as its client saw it.</summary>
/// <param name="Key">Of the item that it is for.</param>
/// <param name="Status">0 where no answer came.</param>
/// <param name="Run">The id that it was answered with, or that it asked for.</param>
/// <param name="Code">Of a refusal.</param>
/// <param name="Seen">The run's status, where the answer showed it.</param>
sealed record Call(Verb Verb, string Org, string Key, DateTimeOffset Began, DateTimeOffset Ended, Outcome Outcome, int Status, string? Run, string? Code, string? Seen);
