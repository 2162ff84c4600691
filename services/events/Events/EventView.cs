using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Events.Schema;

namespace ReactorJobs.Events.Events;

/// <param name="Deliveries">How many runs it started.</param>
sealed record EventView(string Id, string Topic, RawJson Payload, string? SourceRunId, DateTimeOffset EmittedAt, int Deliveries)
{
    public static EventView Of(StoredEvent stored) =>
        new(stored.Id.ToString(), stored.Topic, stored.Payload, stored.Source?.ToString(), stored.EmittedAt, stored.Deliveries);

    public static EventView Of(EventRow row) =>
        new(new EventId(row.Id).ToString(), row.Topic, RawJson.Trusted(row.Payload), row.SourceRun is { } run ? new RunId(run).ToString() : null,
            row.EmittedAt, row.Deliveries);
}

/// <param name="Deliveries">As in lists, so that one field has one type; <paramref name="DeliveredTo"/> names the runs.</param>
sealed record EventDetailView(
    string Id, string Topic, RawJson Payload, string? SourceRunId, DateTimeOffset EmittedAt, int Deliveries, IReadOnlyList<DeliveryView> DeliveredTo)
{
    public static EventDetailView Of(EventRow row, IReadOnlyList<DeliveryRow> deliveries)
    {
        var view = EventView.Of(row);
        return new(view.Id, view.Topic, view.Payload, view.SourceRunId, view.EmittedAt, view.Deliveries, [.. deliveries.Select(DeliveryView.Of)]);
    }
}

/// <param name="ReplayId">Null for the delivery that the event itself has made.</param>
sealed record DeliveryView(string TriggerId, string Job, string RunId, DateTimeOffset CreatedAt, string? ReplayId)
{
    public static DeliveryView Of(DeliveryRow row) => Of(new Delivery(row.OrgId, new(row.EventId), row.TriggerId, new(row.RunId), row.Job, row.CreatedAt, row.Replay));

    public static DeliveryView Of(Delivery delivery) => new(
        delivery.TriggerId, delivery.Job, delivery.RunId.ToString(), delivery.CreatedAt, delivery.Replay == default ? null : EventRouting.ReplayId(delivery.Replay));
}
