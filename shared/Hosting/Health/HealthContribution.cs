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
