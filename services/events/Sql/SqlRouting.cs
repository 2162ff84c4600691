using ReactorJobs.Contracts;
using ReactorJobs.Events.Refusals;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Events.Sql;

/// <summary>What becomes of a group of calls.</summary>
/// <param name="Events">Of the calls that emit; they are routed like any other event.</param>
/// <param name="Starts">To the scheduler, for the calls that trigger.</param>
public sealed record SqlDecision(RoutingDecision Events, IReadOnlyList<OutboxMessage> Starts, IReadOnlyList<Refusal> Refused)
{
    public IEnumerable<OutboxMessage> Messages => Events.Messages.Concat(Starts);
}

/// <summary>Decides what a group of calls leads to; touches nothing.</summary>
public static class SqlRouting
{
    /// <param name="requests">In the order of their positions.</param>
    public static SqlDecision Decide(IReadOnlyList<SqlRequest> requests, RoutingFacts facts, DateTimeOffset now, Func<Guid> newMessageId)
    {
        var emitting = requests.Where(x => !x.IsRun).ToArray();
        var emitted = emitting.Select(x => x.ToEvent()).ToArray();
        var events = EventRouting.Decide(emitted, facts, now, newMessageId);
        var starts = EventRouting.Pack([.. requests.Where(x => x.IsRun).Select(x => x.ToStart())], newMessageId);
        var refused = emitting.Where((_, i) => !EventRouting.IsSame(events.Answers[i], emitted[i]))
            .Select(x => Refusal.Of(x, RefusalCodes.IdempotencyConflict, $"{new EventId(x.Id)} is already an event with another topic or payload.", now));
        return new(events, starts, [.. refused]);
    }
}
