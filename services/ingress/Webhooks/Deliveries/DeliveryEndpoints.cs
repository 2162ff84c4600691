using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Ingress.Webhooks.Deliveries;

/// <summary>What came to a webhook, for those who look why a run is missing; and once more, when the reason is gone.</summary>
sealed class DeliveryEndpoints(HookStore hooks, DeliveryStore deliveries, DeliveryLog log, WebhookStarts starts, IdSource ids, TimeProvider time)
{
    public const string ListPath = "/jobs/v1/_admin/jobs/{name}/triggers/{id}/deliveries";
    public const string RedeliverPath = ListPath + "/{delivery}/redeliver";
    const string IdPrefix = "whd_";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ListPath, List).Produces<DeliveryView[]>().ProducesProblem(404);
        endpoints.MapPost(RedeliverPath, Redeliver).Produces<WebhookRun>(202).ProducesProblem(404).ProducesProblem(409);
    }

    async Task<IResult> List(HttpContext http, string name, string id)
    {
        var hook = await Find(http, name, id);
        var paging = Paging.Read(http);
        Guid? before = paging.Cursor is not { } cursor ? null
            : Ulid.TryParse(IdPrefix, cursor, out var known) ? known : throw new ProblemException(Problem.Invalid("cursor", "must be the id of a delivery"));
        var found = await deliveries.List(hook.OrgId, hook.TriggerId, before, paging.Limit + 1, http.RequestAborted);
        var page = found.Take(paging.Limit).Select(View).ToArray();
        return ApiJson.Page(http, page, found.Count > page.Length ? page[^1].Id : null);
    }

    /// <summary>A new run, of the same body and headers: whoever asks means it.</summary>
    async Task<IResult> Redeliver(HttpContext http, string name, string id, string delivery)
    {
        var hook = await Find(http, name, id);
        var old = Ulid.TryParse(IdPrefix, delivery, out var known) ? await deliveries.Find(hook.OrgId, hook.TriggerId, known, http.RequestAborted) : null;
        if (old is null)
            throw new ProblemException(Problem.NotFound("delivery", delivery));
        if (old.Body is not { } body || old.Detail is not { } detail)
            throw new ProblemException(new(409, "not_redeliverable", $"Nothing of {delivery} is kept that could be delivered: it was {old.Verdict}, or is too long ago."));
        var again = WebhookDetail.Again(detail, delivery);
        var started = await starts.Start(hook.OrgId, hook.TriggerId, hook.Job, null, WebhookPayload.Read(body, old.ContentType), again)
            ?? throw new ProblemException(Problem.NotFound("job", hook.Job));
        log.Write(old with
        {
            Id = ids.Next(),
            ReceivedAt = time.GetUtcNow(),
            Verdict = Verdicts.Redelivered,
            Reason = null,
            Status = 202,
            RunId = started.RunId,
            RedeliveryOf = old.Id,
            Body = null,
        });
        return ApiJson.Answer(202, new WebhookRun(started.RunId));
    }

    async Task<HookRow> Find(HttpContext http, string name, string id) =>
        await hooks.OfTrigger(http.Caller().OrgId, id, http.RequestAborted) is { } hook && hook.Job == HandlerName.InPath(name)
            ? hook
            : throw new ProblemException(Problem.NotFound("trigger", id));

    static DeliveryView View(Delivery x) => new(
        Ulid.Format(IdPrefix, x.Id), x.ReceivedAt, x.Verdict, x.Reason, x.Status, x.RunId, x.DeliveryId, x.Method, x.Size, x.ContentType, x.Body is not null,
        x.RedeliveryOf is { } of ? Ulid.Format(IdPrefix, of) : null);
}

/// <param name="Reason">Of a verdict that has several: what is wrong with the signature.</param>
/// <param name="Status">What was answered.</param>
/// <param name="IsRedeliverable">Whether its body is kept.</param>
public sealed record DeliveryView(
    string Id, DateTimeOffset ReceivedAt, string Verdict, string? Reason, int Status, RunId? RunId, string? DeliveryId, string Method, int Size, string? ContentType, bool IsRedeliverable,
    string? RedeliveryOf);
