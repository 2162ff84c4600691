namespace Reactor.Jobs.EntityFrameworkCore;

/// <summary>A row of the view <c>reactor_jobs.call</c>: inserting it is the call. It is only ever added.</summary>
sealed class JobCall
{
    public const string Run = "run";
    public const string Event = "event";

    public required string Id { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required string Payload { get; init; }

    public string? Options { get; init; }
}
