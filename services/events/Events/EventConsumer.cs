using MassTransit;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Events.Events;

/// <summary>
/// Takes events off the bus. A message is acknowledged when its event is committed; while the database is away it is held, because an
/// event that another team's service has published exists nowhere else.
/// </summary>
public sealed class EventConsumer(EventRouter router, TimeProvider time) : IConsumer<EventEmitted>
{
    public async Task Consume(ConsumeContext<EventEmitted> context)
    {
        var emitted = context.Message;
        if (Flaw(emitted) is { } flaw)
            throw new ArgumentException($"{emitted.EventId} is not taken: {flaw}");

        await StoreUnavailable.Outlast(() => router.Take(emitted), time, context.CancellationToken);
    }

    /// <summary>The bus is public: what comes over it is checked like a request. A refused message ends in the error queue.</summary>
    static string? Flaw(EventEmitted emitted) =>
        string.IsNullOrEmpty(emitted.OrgId) ? "its org is missing"
        : emitted.EventId == default ? "its id is missing"
        : Topic.Flaw(emitted.Topic) is { } flaw ? $"its topic {flaw}"
        : null;
}
