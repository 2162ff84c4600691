namespace ReactorJobs.Tests.Torture.Workload;

/// <summary>What has to become of a run, whatever is done to the suite meanwhile.</summary>
/// <param name="Status">Its end, where nobody cancels it.</param>
/// <param name="Attempt">The number of its last attempt: what the platform loses uses none up. Null where time alone may use up more of them.</param>
/// <param name="Steps">Those of a completed run, with a checkpoint each.</param>
/// <param name="Topics">What a completed run has emitted.</param>
sealed record Expectation(string Status, int? Attempt, IReadOnlyList<string> Steps, IReadOnlyList<string> Topics);

/// <summary>How a client behaves with one trigger.</summary>
enum Habit
{
    /// <summary>Sends the same again until it has an answer.</summary>
    Persists,

    /// <summary>Sends it twice at once, as a client with an impatient proxy before it.</summary>
    SendsTwice,

    /// <summary>Does not know after the first failure, and asks again with the same key when all is over.</summary>
    ReturnsLater,

    /// <summary>Never asks again: it may have happened or not.</summary>
    GivesUp,
}

/// <summary>One trigger of a job, by one client.</summary>
/// <param name="Key">The idempotency key, which stands in the payload too.</param>
/// <param name="CancelAfter">After its acceptance; null where nobody cancels it.</param>
sealed record WorkItem(int Number, string Org, string Job, string Key, string Body, Habit Habit, TimeSpan? CancelAfter, Expectation Expected);
