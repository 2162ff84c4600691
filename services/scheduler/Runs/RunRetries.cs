using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>
/// A final state is final: retrying makes a new run with <c>retry_of</c>, which by default takes over the completed checkpoints and so
/// goes on at the failed step (semantics 10).
/// </summary>
public sealed class RunRetries(RunInbox inbox, IdSource ids)
{
    public const string FromFailedStep = "failed_step";
    public const string FromStart = "start";

    public static string ReadFrom(Fields fields) => fields.OneOf("from", false, FromFailedStep, FromStart) ?? FromFailedStep;

    /// <param name="id">The new run's id where the caller needs the retry to happen once; a fresh one otherwise.</param>
    public async Task<Run> Retry(Run run, string from, RunId? id = null)
    {
        if (!run.IsFinal)
            throw new ProblemException(new(409, "run_not_finished", $"{run.Id} is {run.Status}: only a run that has ended can be retried. Cancel it first."));
        var again = id ?? ids.NewRun();
        var item = new AcceptItem(new(run.OrgId, run.Job), new(run.OrgId, again), job => new AcceptRun(run.OrgId, again, job, run.Payload, run.Trigger)
        {
            Priority = run.Priority,
            TimeoutMs = run.TimeoutMs,
            RetryOf = run.Id,
            SharesCheckpoints = from == FromFailedStep,
        });
        await inbox.Take(item);
        return item.After ?? throw JobName.NotFound(run.Job);
    }
}
