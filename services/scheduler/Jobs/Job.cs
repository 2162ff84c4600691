using ReactorJobs.Scheduler.Retries;

namespace ReactorJobs.Scheduler.Jobs;

/// <summary>A job as it is registered: what handles it, and under which rules its runs run.</summary>
public sealed record Job
{
    public required string OrgId { get; init; }
    public required string Name { get; init; }
    public string? DisplayName { get; init; }
    public required string Handler { get; init; }
    public required RetryPolicy Retry { get; init; }
    public required long TimeoutMs { get; init; }
    public required int MaxConcurrency { get; init; }
    public required int RetentionDays { get; init; }
    public bool Paused { get; init; }

    /// <summary>What a job definition runs: a component, or a handler where there is no component of that id. Null for any other job.</summary>
    public string? ComponentId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    public JobKey Key => new(OrgId, Name);

    /// <summary>The same registration, whenever it was made.</summary>
    public bool IsSameAs(Job other) => this with { CreatedAt = default, UpdatedAt = default } == other with { CreatedAt = default, UpdatedAt = default };
}

/// <summary>Jobs are locked in the order of these keys.</summary>
public readonly record struct JobKey(string OrgId, string Name) : IComparable<JobKey>
{
    public int CompareTo(JobKey other)
    {
        var byOrg = string.CompareOrdinal(OrgId, other.OrgId);
        return byOrg != 0 ? byOrg : string.CompareOrdinal(Name, other.Name);
    }
}

/// <summary>
/// A job's counters, locked by one group at a time. <see cref="Due"/> counts what is due and unfinished, <see cref="Running"/> the part of
/// it that holds an executor's slot.
/// </summary>
/// <param name="revision">Another one whenever the job's row is another one; 0 without a job.</param>
public sealed class JobLoad(Job? job, int due, int running, uint revision = 0)
{
    /// <summary>Null when the job was deleted, or never existed.</summary>
    public Job? Job { get; } = job;

    /// <summary>There was a job definition of the name, and it was deleted.</summary>
    public bool IsDeletedDefinition { get; init; }

    public bool IsOfDefinition => Job?.ComponentId is not null || IsDeletedDefinition;

    public int Due { get; set; } = due;

    public int Running { get; set; } = running;

    public uint Revision => revision;

    public int Waiting => Due - Running;

    public JobLoad Copy() => new(Job, Due, Running, revision) { IsDeletedDefinition = IsDeletedDefinition };
}
