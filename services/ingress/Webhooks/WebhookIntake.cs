using Microsoft.AspNetCore.Http;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Ingress.Webhooks.Deliveries;
using ReactorJobs.Ingress.Webhooks.Signatures;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>What became of a request: what is answered, and what the log of deliveries says.</summary>
public sealed record Taken(Delivery Delivery, Problem? Problem, string? Challenge);

/// <summary>Takes a delivery in: checks its time, method, size and signature in this order, and has its run started.</summary>
public sealed class WebhookIntake(WebhookStarts starts, IdSource ids, TimeProvider time)
{
    public const string NotThere = "There is no webhook at this address: it was never there, was deleted, or has expired. A new trigger has a new one.";

    public async Task<Taken> Take(Hook hook, HttpContext http)
    {
        var now = time.GetUtcNow();
        var request = http.Request;
        var delivery = new Delivery
        {
            OrgId = hook.OrgId,
            TriggerId = hook.TriggerId,
            Id = ids.Next(),
            ReceivedAt = now,
            Method = request.Method.Length <= 16 ? request.Method : request.Method[..16],
            Size = (int)Math.Min(request.ContentLength ?? 0, int.MaxValue),
            ContentType = request.ContentType,
        };
        if (hook.ExpiresAt <= now)
            return Refused(Verdicts.Expired, new(404, "trigger_not_found", NotThere));
        if (!hook.Methods.Contains(request.Method))
            return Refused(Verdicts.MethodNotAllowed, new(405, "method_not_allowed", $"{request.Method} is not allowed here, but {string.Join(", ", hook.Methods)}.") { Headers = new Dictionary<string, string> { ["Allow"] = string.Join(", ", hook.Methods) } });

        byte[] body;
        try
        {
            body = await RequestBody.ReadBytes(http, Limits.PayloadBytes);
        }
        catch (ProblemException exception)
        {
            return Refused(Verdicts.PayloadTooLarge, exception.Problem);
        }

        delivery = delivery with { Size = body.Length };
        if (hook.SecretFault is { } missing)
            return Refused(Verdicts.Unavailable, Problem.Unavailable("The webhook's signatures cannot be checked now."), missing);
        if (hook.Verification is { } verification && SignatureCheck.Check(verification, request.Headers, body, hook.Secrets, now) is { } fault)
            return Refused(Verdicts.SignatureInvalid, new(401, "signature_invalid", fault.Detail) { Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = "Signature" } }, fault.Reason);
        if (DeliveryIdentity.ChallengeOf(hook.Verification, body) is { } challenge)
            return new(delivery with { Verdict = Verdicts.Challenge, Status = 200 }, null, challenge);

        var id = DeliveryIdentity.Of(hook.Verification, request.Headers, body);
        var detail = WebhookDetail.Of(request, hook.Path, hook.Verification, id);
        // From here on it is the sender's, and may be delivered once more.
        delivery = delivery with { DeliveryId = id, Body = body, Detail = detail.ToString() };
        try
        {
            var started = await starts.Start(hook.OrgId, hook.TriggerId, hook.Job, id, WebhookPayload.Read(body, request.ContentType), detail);
            return started is null
                ? Refused(Verdicts.JobNotFound, new(404, "trigger_not_found", NotThere))
                : new(delivery with { Verdict = started.Repeated ? Verdicts.Repeated : Verdicts.Accepted, Status = 202, RunId = started.RunId, Body = started.Repeated ? null : body }, null, null);
        }
        catch (ProblemException exception)
        {
            return Refused(exception.Problem.Status == 413 ? Verdicts.PayloadTooLarge : Verdicts.BodyInvalid, exception.Problem);
        }
        catch (StoreUnavailable exception)
        {
            return Refused(Verdicts.Unavailable, Problem.Unavailable(exception.Message));
        }

        Taken Refused(string verdict, Problem problem, string? reason = null) =>
            new(delivery with { Verdict = verdict, Status = (short)problem.Status, Reason = reason, Body = verdict == Verdicts.Unavailable ? delivery.Body : null }, problem, null);
    }
}
