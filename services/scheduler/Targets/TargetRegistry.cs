using System.Net.Http.Json;
using System.Text.Json;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Targets;

/// <summary>
/// What can be started by its name: a job, or a deployed function's export. Such an export gets a job of its own on first use, with the settings
/// that jobs have when nothing is said; it can be changed as any other.
/// </summary>
public sealed class TargetRegistry(JobRegistry registry, InternalCalls calls, SchedulerOptions options, TimeProvider time)
{
    const int MostNames = 1000;

    /// <summary>The target's job, which is made where only the export is there.</summary>
    /// <exception cref="ProblemException"><c>handler_not_found</c>, with the nearest names.</exception>
    public async Task<string> Resolve(string org, string target, CancellationToken stop) =>
        (await Find(org, target, [], stop) switch
        {
            { Job: { } job } => job,
            { Handler: { } handler } => await Make(org, handler, stop),
            var unknown => throw NotFound(target, unknown.Nearest),
        }).Name;

    /// <summary>What a target is, with nothing made.</summary>
    /// <param name="own">Handlers of a function that is yet to be live.</param>
    public async Task<FoundTarget> Find(string org, string target, IReadOnlyCollection<string> own, CancellationToken stop)
    {
        if (await registry.Find(org, target, stop) is { } job)
            return new(job, null, []);
        string[] handlers = [.. own, .. await Exports(org, stop)];
        if (TargetChoice.HandlerOf(target, handlers) is { } handler && JobName.Fault(handler) is null)
            return handler != target && await registry.Find(org, handler, stop) is { } plain ? new(plain, null, []) : new(null, handler, []);
        var jobs = await registry.List(org, null, MostNames, stop);
        return new(null, null, TargetChoice.Nearest(target, handlers.Concat(jobs.Select(x => x.Name))));
    }

    public async Task<Job> Make(string org, string handler, CancellationToken stop)
    {
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(new { name = handler, handler }));
        var fields = new Fields(document.RootElement, "");
        var request = JobRequest.Read(fields, org, options, time.GetUtcNow());
        fields.Done();
        return (await registry.Register(org, [request.Job], mayUpdate: false, stop))[0].Job;
    }

    public static ProblemException NotFound(string target, IReadOnlyList<string> nearest) => new(new(404, "handler_not_found", TargetChoice.Unknown(target, nearest)));

    async Task<string[]> Exports(string org, CancellationToken stop)
    {
        using var response = await calls.Send(HttpMethod.Get, calls.Executor, $"/internal/executor/orgs/{Uri.EscapeDataString(org)}/exports", null, stop);
        return response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync<string[]>(stop))!
            : throw new StoreUnavailable($"The executor answered {(int)response.StatusCode}.");
    }
}

/// <param name="Job">The job of the name, or of the handler that it means.</param>
/// <param name="Handler">Without a job: the export that can have one.</param>
/// <param name="Nearest">Without either: what is spelled alike.</param>
public sealed record FoundTarget(Job? Job, string? Handler, IReadOnlyList<string> Nearest);
