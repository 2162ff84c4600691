using System.Globalization;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Events.Changes;

/// <summary>
/// Decides which runs a group of changes starts; touches nothing. A change is no event: it goes straight to the jobs of its triggers, because its row
/// would be kept a second time, in a table that grows with every write of somebody else's, and because topics are the users' own names.
/// </summary>
public static class ChangeRouting
{
    /// <param name="group">In the order of the server.</param>
    /// <param name="position">Up to where changes are taken in, as the transaction has found it: what came again is left out.</param>
    /// <param name="newId">Ascending, so that the runs are older in the order of the changes.</param>
    public static ChangeDecision Decide(string database, IReadOnlyList<RowChange> group, ChangePosition position, IReadOnlyList<DataTrigger> triggers, Func<Guid> newId)
    {
        var listeners = triggers.OrderBy(x => x.TriggerId, StringComparer.Ordinal).ToLookup(x => x.Table);
        var conditions = triggers.ToDictionary(x => x.TriggerId, x => ChangeCondition.Of(x.Condition), StringComparer.Ordinal);
        var starts = new List<RunStart>();
        var taken = position;
        foreach (var change in group)
        {
            if (position.Includes(change))
                continue;
            taken = ChangePosition.After(change);
            var payload = default(RawJson?);
            foreach (var trigger in listeners[change.Table])
                if (trigger.Hears(change) && conditions[trigger.TriggerId]?.Matches(change) != false)
                    starts.Add(new(
                        trigger.OrgId, new(newId()), trigger.Job, payload ??= ChangePayload.Of(change),
                        new(TriggerKinds.Data, trigger.TriggerId, Detail(database, change))));
        }

        return new(EventRouting.Pack(starts, newId), starts.Count, taken, taken != position);
    }

    /// <summary>The place of the change, by which the same one is the same.</summary>
    static RawJson Detail(string database, RowChange change) => RawJson.From(new Dictionary<string, string>
    {
        ["database"] = database,
        ["table"] = change.Table.ToString(),
        ["op"] = change.Operation,
        ["lsn"] = change.Commit.ToString(),
        ["index"] = change.Index.ToString(CultureInfo.InvariantCulture),
    });
}

/// <summary>Who listens to the changes of a table.</summary>
/// <param name="From">Transactions that committed before it are from before the trigger.</param>
public sealed record DataTrigger(
    string OrgId, string TriggerId, TableName Table, IReadOnlyList<string> Operations, RawJson? Condition, string Job, NpgsqlLogSequenceNumber From)
{
    public bool Hears(RowChange change) => change.Commit >= From && Operations.Contains(change.Operation);
}

/// <param name="Messages">For the outbox; each is to be taken before the next one, which keeps the order of commits.</param>
/// <param name="Taken">Up to where changes are taken in when this is committed.</param>
/// <param name="IsNew">Whether any of the group was not taken in before.</param>
public sealed record ChangeDecision(IReadOnlyList<OutboxMessage> Messages, int Starts, ChangePosition Taken, bool IsNew);
