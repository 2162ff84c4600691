using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Webhooks;

/// <summary>
/// The runs of webhooks, from the ingress, which has checked where they come from. The body is two lines: what is known of the delivery, and
/// the payload as it is, however deep.
/// </summary>
public sealed class WebhookRuns(RunInbox inbox, IdSource ids)
{
    // A payload, and headers as long as a server takes them.
    const int BodyBytes = 2 * Limits.PayloadBytes;

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/internal/scheduler/orgs/{org}/webhooks/{trigger}/runs", Start).OnlyForServices();

    async Task<IResult> Start(HttpContext http, string org, string trigger)
    {
        var body = await RequestBody.ReadBytes(http, BodyBytes);
        var end = Math.Max(0, Array.IndexOf(body, (byte)'\n'));
        var fields = new Fields(RequestBody.Parse(body[..end]), "");
        var (job, delivery) = (fields.String("job", required: true), fields.String("delivery"));
        var detail = fields.Payload("detail") ?? RawJson.Null;
        fields.Done();

        var (id, payload) = (ids.NewRun(), RawJson.Trusted(body[(end + 1)..]));
        // A sender may say the same again in other words, such as how often it has tried: what counts is the delivery.
        var key = delivery is null ? null : $"webhook:{trigger}:{delivery}";
        var item = new AcceptItem(
            new(org, job!), new(org, id), found => new AcceptRun(org, id, found, payload, new(TriggerKinds.Webhook, trigger, detail)),
            key, key is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        await inbox.Take(item);
        return item.Result == Acceptance.JobNotFound
            ? throw JobName.NotFound(job!)
            : ApiJson.Answer(200, new StartedByWebhook(item.Answer, item.Result == Acceptance.Existing));
    }
}

/// <param name="Repeated">The delivery has come before, and started this run then.</param>
public sealed record StartedByWebhook(RunId RunId, bool Repeated);
