using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Events;

/// <summary>Settings of the events service.</summary>
public sealed record EventsOptions
{
    /// <summary>How long an event is kept with its deliveries (semantics 28).</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    public static EventsOptions From(JobsSettings jobs) => new() { Retention = TimeSpan.FromDays(jobs.EventRetentionDays) };
}
