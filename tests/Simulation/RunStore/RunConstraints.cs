using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Simulation.RunStore;

/// <summary>What the database would refuse, by the constraint's name.</summary>
public sealed class ConstraintViolation(string constraint) : Exception($"violates \"{constraint}\"");

/// <summary>The constraints of the schema, and what a column makes of a value.</summary>
public static class RunConstraints
{
    public static void Check(RunChanges changes, IReadOnlyCollection<string> orgs)
    {
        foreach (var run in changes.Inserted.Concat(changes.Updated))
        {
            Must(orgs.Contains(run.OrgId), "orgs_of_the_transaction");
            Must(run.IsRunning == run.Executor is not null, "run_that_runs_has_an_executor");
            Must(run.Status is not (RunStatus.Sleeping or RunStatus.Retrying) || run.WakeAt is not null, "run_that_waits_has_a_time");
            Must(run.IsFinal == run.CompletedAt is not null, "run_that_ended_has_an_end");
            Must(run.Status != RunStatus.Failed || run.Error is not null, "run_that_failed_has_an_error");
        }

        foreach (var (job, due, running) in changes.Loads)
        {
            Must(orgs.Contains(job.OrgId), "orgs_of_the_transaction");
            Must(due >= 0 && running >= 0 && running <= due, "job_load_is_not_negative");
        }
    }

    /// <summary>A time column keeps microseconds.</summary>
    public static DateTimeOffset Stored(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    public static Run Stored(Run run)
    {
        var stored = run.Copy();
        stored.CreatedAt = Stored(run.CreatedAt);
        stored.RunAt = Stored(run.RunAt);
        stored.QueuedAt = Stored(run.QueuedAt);
        stored.WakeAt = Stored(run.WakeAt);
        stored.StartedAt = Stored(run.StartedAt);
        stored.CompletedAt = Stored(run.CompletedAt);
        stored.DispatchedAt = Stored(run.DispatchedAt);
        return stored;
    }

    static DateTimeOffset? Stored(DateTimeOffset? time) => time is { } some ? Stored(some) : null;

    static void Must(bool holds, string constraint)
    {
        if (!holds)
            throw new ConstraintViolation(constraint);
    }
}
