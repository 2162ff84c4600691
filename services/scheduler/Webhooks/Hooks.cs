using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Webhooks;

/// <summary>
/// The ingress has the addresses of webhooks and the secrets of their senders: it takes each trigger over before the trigger is kept, and gives
/// it up before it is forgotten.
/// </summary>
public sealed class Hooks(InternalCalls calls, JobRegistry registry, TimeProvider time)
{
    /// <summary>Between the ingress's word and the trigger's row is a moment; a hook without a trigger that is older was left by a crash.</summary>
    static readonly TimeSpan Moment = TimeSpan.FromMinutes(1);

    /// <summary>Gives the address: of a path always, of an unguessable one when it is made, and never again.</summary>
    public async Task<string?> Put(TriggerRow trigger, WebhookTrigger webhook, CancellationToken stop)
    {
        var (status, answer) = await TryPut(trigger, webhook, stop);
        if (status == HttpStatusCode.Conflict && await IsLeftOver(trigger.OrgId, answer, stop))
        {
            await Delete(trigger.OrgId, answer.GetProperty("trigger").GetString()!, stop);
            (status, answer) = await TryPut(trigger, webhook, stop);
        }

        return status switch
        {
            HttpStatusCode.OK => answer.GetProperty("address").GetString(),
            HttpStatusCode.Conflict => throw new ProblemException(new(409, "path_taken", $"The path {webhook.Path} is that of another trigger, of the job \"{answer.GetProperty("job").GetString()}\".")),
            HttpStatusCode.BadRequest => throw new ProblemException(Problem.Invalid(answer.GetProperty("pointer").GetString()!, answer.GetProperty("detail").GetString()!)),
            _ => throw new StoreUnavailable($"The ingress answered {(int)status}."),
        };
    }

    public Task Delete(TriggerRow trigger, CancellationToken stop) => Delete(trigger.OrgId, trigger.Id, stop);

    async Task<(HttpStatusCode, JsonElement)> TryPut(TriggerRow trigger, WebhookTrigger webhook, CancellationToken stop)
    {
        var body = JsonContent.Create(new
        {
            trigger.Job,
            webhook.Path,
            webhook.Methods,
            Verification = webhook.Verification is { } x ? new { x.Type, x.Header, x.Algorithm, x.Encoding, x.Prefix, ToleranceMs = (long?)x.Tolerance?.TotalMilliseconds } : null,
            webhook.Verification?.Secrets,
            ExpiresAt = webhook.EndsAt(trigger.CreatedAt),
        }, options: ApiJson.Options);
        using var response = await calls.Send(HttpMethod.Put, calls.Ingress, Address(trigger.OrgId, trigger.Id), body, stop);
        var isAnswer = response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict or HttpStatusCode.BadRequest;
        return (response.StatusCode, isAnswer ? await response.Content.ReadFromJsonAsync<JsonElement>(stop) : default);
    }

    async Task Delete(string org, string trigger, CancellationToken stop)
    {
        using var response = await calls.Send(HttpMethod.Delete, calls.Ingress, Address(org, trigger), null, stop);
        if (!response.IsSuccessStatusCode)
            throw new StoreUnavailable($"The ingress answered {(int)response.StatusCode}.");
    }

    async Task<bool> IsLeftOver(string org, JsonElement holder, CancellationToken stop)
    {
        var id = holder.GetProperty("trigger").GetString()!;
        return time.GetUtcNow() - holder.GetProperty("created_at").GetDateTimeOffset() > Moment
            && !await registry.Read(org, db => db.Triggers.AnyAsync(x => x.OrgId == org && x.Id == id, stop), stop);
    }

    static string Address(string org, string trigger) => $"/internal/ingress/orgs/{Uri.EscapeDataString(org)}/hooks/{trigger}";
}
