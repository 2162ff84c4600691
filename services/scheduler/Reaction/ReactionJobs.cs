using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Reaction;

/// <summary>
/// Reaction's background jobs: a type is a job of that name, handled by the worker of that name, and made when it is first asked for; a schedule is
/// a cron trigger of it.
/// </summary>
public sealed class ReactionJobs(
    JobRegistry registry, TriggerRegistry triggers, RunInbox inbox, RunQueries queries, RunCancels cancels, IdSource ids, SchedulerOptions options, TimeProvider time)
{
    public async Task<ReactionJobView> Schedule(string org, ReactionJobRequest request, CancellationToken stop)
    {
        var job = await JobOf(org, request.Type, x => request.Retry is { } retry ? x with { Retry = retry } : x, stop);
        if (request.CancelRepeats)
            await CancelRepeats(job, keep: request.Schedule, stop);
        if (request.Schedule is { } schedule)
            return ReactionJobView.Of((await triggers.Add(org, job.Name, schedule, stop)).Trigger, job.Retry.MaxAttempts);
        var id = ids.NewRun();
        var item = new AcceptItem(
            job.Key, new(org, id), found => new AcceptRun(org, id, found, request.Data, RunTrigger.Manual) { Priority = request.Priority });
        await inbox.Take(item);
        return item.After is { } run ? ReactionJobView.Of(RunView.Of(run)) : throw JobName.NotFound(job.Name);
    }

    /// <summary>Ends what of a type has not ended, and takes its schedules away, where their data holds the given; their ids.</summary>
    public async Task<IReadOnlyList<string>> Cancel(string org, string type, RawJson? data, CancellationToken stop)
    {
        var schedules = new List<string>();
        foreach (var row in await Schedules(org, type, stop))
            if ((data is not { } part || DataMatch.Holds(Parsed(CronTrigger.Of(row.Settings).Payload), Parsed(part))) && await triggers.Remove(org, type, row.Id, stop))
                schedules.Add(row.Id);
        var runs = await cancels.All(org, new() { Job = type, Data = data }, stop);
        return [.. schedules, .. runs.Select(x => x.ToString())];
    }

    /// <summary>From now on, finished runs of a type go after so many days.</summary>
    public Task Cleanup(string org, string type, int days, CancellationToken stop) => JobOf(org, type, x => x with { RetentionDays = days }, stop);

    /// <summary>The run of an id; null where there is none.</summary>
    public async Task<Run?> Run(string org, string id, CancellationToken stop) =>
        RunId.TryParse(id, out var run) ? await queries.Find(org, run, stop) : null;

    /// <summary>The schedule of an id; null where there is none.</summary>
    public async Task<ReactionJobView?> ScheduleOf(string org, string id, CancellationToken stop)
    {
        var row = await registry.Read(org, db => db.Triggers.FirstOrDefaultAsync(x => x.OrgId == org && x.Id == id && x.Kind == TriggerKinds.Cron, stop), stop);
        return row is not null && await registry.Find(org, row.Job, stop) is { } job ? ReactionJobView.Of(triggers.Show(row), job.Retry.MaxAttempts) : null;
    }

    /// <summary>What waits to start, and the schedules; what has begun goes on.</summary>
    async Task CancelRepeats(Job job, CronTrigger? keep, CancellationToken stop)
    {
        foreach (var row in await Schedules(job.OrgId, job.Name, stop))
            if (keep?.IsSameAs(row) != true)
                await triggers.Remove(job.OrgId, job.Name, row.Id, stop);
        await cancels.All(job.OrgId, new() { Job = job.Name, Statuses = [RunStatus.Pending] }, stop);
    }

    async Task<Job> JobOf(string org, string type, Func<Job, Job> change, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var existing = await registry.Find(org, type, stop);
        var job = change(existing ?? new()
        {
            OrgId = org,
            Name = type,
            Handler = type,
            Retry = RetryPolicy.Default(1),
            TimeoutMs = (long)options.DefaultTimeout.TotalMilliseconds,
            MaxConcurrency = options.DefaultMaxConcurrency,
            RetentionDays = options.RetentionDays,
            CreatedAt = now,
        });
        if (existing is not null && job.IsSameAs(existing))
            return existing;
        try
        {
            return (await registry.Register(org, [job with { UpdatedAt = now }], mayUpdate: true, stop))[0].Job;
        }
        catch (DbUpdateException exception) when (existing is null && exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Another plugin has asked for the type meanwhile.
            return await JobOf(org, type, change, stop);
        }
    }

    Task<List<TriggerRow>> Schedules(string org, string type, CancellationToken stop) =>
        registry.Read(org, db => db.Triggers.Where(x => x.OrgId == org && x.Job == type && x.Kind == TriggerKinds.Cron).ToListAsync(stop), stop);

    static JsonElement Parsed(RawJson json) => JsonDocument.Parse(json.Utf8).RootElement;
}
