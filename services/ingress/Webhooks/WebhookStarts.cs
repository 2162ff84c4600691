using System.Net;
using System.Net.Http.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Ingress.Webhooks;

/// <param name="Repeated">The delivery has come before, and started this run then.</param>
public sealed record StartedRun(RunId RunId, bool Repeated);

/// <summary>Has the scheduler start the run of a delivery, and gives it when it is committed.</summary>
public sealed class WebhookStarts(InternalCalls calls)
{
    /// <param name="delivery">Null starts a run each time.</param>
    /// <exception cref="StoreUnavailable">The scheduler, or its database, is away; or it took too long to say what became of it.</exception>
    public async Task<StartedRun?> Start(string orgId, string triggerId, string job, string? delivery, RawJson payload, RawJson detail)
    {
        var known = RawJson.From(new { Job = job, Delivery = delivery, Detail = detail }, ApiJson.Options);
        using var content = new ByteArrayContent([.. known.Utf8.Span, (byte)'\n', .. payload.Utf8.Span]);
        // Whoever hangs up meanwhile sends again: this one is finished, so that the next one finds its run.
        using var response = await calls.Send(
            HttpMethod.Post, calls.Scheduler, $"/internal/scheduler/orgs/{Uri.EscapeDataString(orgId)}/webhooks/{triggerId}/runs", content, CancellationToken.None);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => await response.Content.ReadFromJsonAsync<StartedRun>(ApiJson.Options),
            HttpStatusCode.NotFound => null,
            _ => throw new StoreUnavailable("The scheduler does not answer."),
        };
    }
}
