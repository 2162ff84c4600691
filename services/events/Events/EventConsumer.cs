using System.Text.Unicode;
using MassTransit;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Orgs;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Events.Events;

/// <summary>
/// Takes events off the bus. A message is acknowledged when its event is committed; while the database is away it is held, because an
/// event that another team's service has published exists nowhere else.
/// </summary>
public sealed class EventConsumer(EventRouter router, KnownOrgs orgs, TimeProvider time) : IConsumer<EventEmitted>
{
    public async Task Consume(ConsumeContext<EventEmitted> context)
    {
        var emitted = context.Message;
        if (Flaw(emitted) is { } flaw)
            throw new ArgumentException($"{emitted.EventId} is not taken: {flaw}");
        // Who publishes without a time means now.
        if (emitted.EmittedAt == default)
            emitted = emitted with { EmittedAt = time.GetUtcNow() };

        await StoreUnavailable.Outlast(async () =>
        {
            // Nobody would ever see an event of an org that there is not.
            if (!await orgs.Has(emitted.OrgId, context.CancellationToken))
                throw new ArgumentException($"{emitted.EventId} is not taken: there is no org \"{emitted.OrgId}\"");
            await router.Take(emitted);
        }, time, context.CancellationToken);
    }

    /// <summary>The bus is public: what comes over it is checked like a request. A refused message ends in the poison queue, with this as its reason.</summary>
    public static string? Flaw(EventEmitted emitted) =>
        string.IsNullOrEmpty(emitted.OrgId) ? "its org is missing"
        : emitted.EventId == default ? "its id is missing"
        : EventTopic.Flaw(emitted.Topic) is { } flaw ? $"its topic {flaw}"
        : emitted.Payload.Length > Limits.PayloadBytes ? $"its payload has more than {Limits.PayloadBytes} bytes"
        : !Utf8.IsValid(emitted.Payload.Utf8.Span) ? "its payload is not valid UTF-8"
        : null;
}
