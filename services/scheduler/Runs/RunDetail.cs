using System.Text.Json;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>The scheduler's record of a run joined with the executor's; when the executor is away it comes without steps and says so (semantics 18).</summary>
public sealed class RunDetail(InternalCalls calls, Capacity capacity, JobRegistry registry)
{
    public async Task<RunView> Of(Run run, CancellationToken stop)
    {
        var view = RunView.Of(run) with { Reason = await Reason(run, stop) };
        try
        {
            using var response = await calls.Send(HttpMethod.Get, calls.Executor, $"/internal/executor/orgs/{Uri.EscapeDataString(run.OrgId)}/runs/{run.Id}", null, stop);
            response.EnsureSuccessStatusCode();
            using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(stop), cancellationToken: stop);
            var root = document.RootElement.Clone();
            return view with { Steps = Part(root, "steps"), Attempts = Part(root, "attempts"), Events = Part(root, "events") };
        }
        catch (Exception exception) when (exception is StoreUnavailable or HttpRequestException)
        {
            return view with { Reason = view.Reason ?? "The executor service is away: steps and attempts are missing here." };
        }
    }

    static JsonElement? Part(JsonElement root, string name) => root.TryGetProperty(name, out var part) ? part : null;

    /// <summary>Why a run that is due does not run.</summary>
    async Task<string?> Reason(Run run, CancellationToken stop)
    {
        if (run.Status == RunStatus.Pending && !run.Due)
            return "It starts at run_at.";
        if (!run.IsWaiting)
            return null;
        var job = await registry.Find(run.OrgId, run.Job, stop);
        return job switch
        {
            null => "Its job was deleted.",
            { Paused: true } => $"The job \"{run.Job}\" is paused.",
            _ when !capacity.IsServed(run.OrgId, run.Handler) => $"No worker serves \"{run.Handler}\".",
            _ when capacity.Free(run.OrgId, run.Handler) == 0 => $"All slots of the workers that serve \"{run.Handler}\" are taken.",
            _ => $"It waits for one of the job's {job.MaxConcurrency} places.",
        };
    }
}
