using ReactorJobs.Contracts;
using ReactorJobs.Events.Sql;

namespace ReactorJobs.Events.Refusals;

/// <summary>A run or an event that was asked for, and did not come to be.</summary>
/// <param name="Kind"><see cref="SqlRequest.Run"/> or <see cref="SqlRequest.Event"/>.</param>
/// <param name="Id">That it would have had.</param>
/// <param name="Name">The job, or the topic.</param>
/// <param name="TriggerKind">What asked for it.</param>
public sealed record Refusal(
    string OrgId, Guid Id, string Kind, string Name, RawJson Payload, string TriggerKind, string Code, string Reason, DateTimeOffset RequestedAt, DateTimeOffset RefusedAt)
{
    public static Refusal Of(SqlRequest request, string code, string reason, DateTimeOffset now) =>
        new(request.OrgId, request.Id, request.Kind, request.Name, request.Payload, TriggerKinds.Sql, code, reason, request.MadeAt, now);

    /// <summary>A run's id holds when it was asked for.</summary>
    public static Refusal Of(RefusedStart start, DateTimeOffset now) => new(
        start.OrgId, start.RunId.Value, SqlRequest.Run, start.Job, start.Payload, start.Trigger.Kind, start.Code, start.Reason, Ulid.TimeOf(start.RunId.Value), now);
}
