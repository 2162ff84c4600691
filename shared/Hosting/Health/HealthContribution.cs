namespace ReactorJobs.Hosting.Health;

/// <summary>
/// A module's word on one of the host's capabilities, such as <c>jobs</c> or <c>functions</c>; registered as a singleton, asked at most
/// once a second.
/// </summary>
/// <param name="Check">Answers <c>ok</c>, or in a few words what is wrong. Throwing or taking longer than the stop token allows counts as <c>unavailable</c>.</param>
public sealed record HealthContribution(string Capability, Func<CancellationToken, Task<string>> Check)
{
    public const string Ok = "ok";
    public const string Unavailable = "unavailable";

    /// <summary>More about it, for operators; shown as JSON.</summary>
    public Func<object?>? Detail { get; init; }

    /// <summary>Nothing works without it.</summary>
    public const string Jobs = "jobs";
}

/// <summary>What was found out about a capability.</summary>
/// <param name="Detail">Shown as JSON; null where there is no more to say.</param>
public sealed record HealthWord(string Capability, string Word, object? Detail = null);

/// <summary>Finds out what the other processes of the installation say of their capabilities; one that does not answer is a word too, not an exception. At most one per host.</summary>
public delegate Task<IReadOnlyList<HealthWord>> HealthElsewhere(CancellationToken stop);
