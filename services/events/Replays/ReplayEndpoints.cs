using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Events;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Events.Replays;

static class ReplayEndpoints
{
    const int MostTriggers = 1000;
    const int LongestKey = 256;

    public static void MapReplays(this IEndpointRouteBuilder endpoints) => endpoints.MapPost("/jobs/v1/_admin/events/{id}/replay", Replay);

    /// <summary>Answers with the runs when it is committed that they start. With an idempotency key it is safe to send again.</summary>
    static async Task<IResult> Replay(HttpContext http, string id, EventReplays replays, IdSource ids)
    {
        var key = http.Request.Headers["Idempotency-Key"].FirstOrDefault();
        if (key is { Length: 0 or > LongestKey })
            throw new ProblemException(Problem.Invalid("Idempotency-Key", $"must have 1 to {LongestKey} characters"));
        var fields = await RequestBody.ReadFields(http);
        var triggers = fields.Array("triggers", MostTriggers, ReadTrigger);
        fields.Done();
        if (!EventId.TryParse(id, out var known))
            throw new ProblemException(Problem.NotFound("event", id));

        var replay = key is null ? ids.Next() : IdSource.Derive(known.Value, "replay:" + key);
        return await replays.Replay(http.Caller().OrgId, known, replay, triggers is null ? null : [.. triggers.Distinct()], http.RequestAborted) switch
        {
            Replayed.Done done => ApiJson.Answer(202, done.Deliveries.Select(DeliveryView.Of).ToArray()),
            Replayed.NotSubscribed missing => throw new ProblemException(Problem.Invalid($"/triggers/{missing.At}", $"is no trigger on {missing.Topic}")),
            Replayed.Conflict => throw new ProblemException(new(409, "idempotency_conflict", "This Idempotency-Key was used for a replay of this event to other triggers.")),
            _ => throw new ProblemException(Problem.NotFound("event", id)),
        };
    }

    static string ReadTrigger(JsonElement element, string at, Fields fields)
    {
        if (element.ValueKind == JsonValueKind.String && RequestBody.IsText(element))
            return element.GetString()!;
        fields.Wrong(at.TrimStart('/'), "must be a trigger's id");
        return "";
    }
}
