using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Events.Watches;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Events.Changes;

/// <summary>
/// Takes changes in. One transaction writes the starts of a group into the outbox and remembers up to where the changes are taken in, under the lock of
/// the watch: whoever else takes the same changes in, before or later, finds them there and leaves them out.
/// </summary>
public sealed class ChangeIntake(ServiceDatabase database, Outbox outbox, IdSource ids, TimeProvider time)
{
    const string Facts =
        """
        select commit_lsn, taken from watch where org_id = $1 and name = $2 and slot = $3 for update
        """;

    const string Triggers =
        """
        select org_id, trigger_id, table_schema, table_name, operations, condition, job, from_lsn from data_trigger where org_id = $1 and name = $2 and confirmed
        """;

    const string Remember = "update watch set commit_lsn = $3, taken = $4, committed_at = $5, messages = $6 where org_id = $1 and name = $2";

    const string Position = "select commit_lsn, taken from watch where org_id = $1 and name = $2";

    const string LeftOver =
        """
        select o.id, o.org_id, o.queue, o.body from watch w
        cross join lateral unnest(w.messages) with ordinality m(id, place)
        cross join lateral (select * from outbox where outbox.org_id = w.org_id and outbox.id = m.id limit 1) o
        where w.org_id = $1 and w.name = $2 order by m.place
        """;

    /// <summary>
    /// Completes when the group is committed and the scheduler has its runs, in their order. While the store is away it is tried again: what it was
    /// takes part in nothing else meanwhile.
    /// </summary>
    /// <exception cref="WatchGone">Nobody watches any more.</exception>
    public async Task<int> Take(Watch watch, IReadOnlyList<RowChange> group, CancellationToken stop)
    {
        var decision = default(ChangeDecision);
        await StoreUnavailable.Outlast(async () => decision = await Away(() => Commit(watch, group)), time, stop);
        // All of it was there: an earlier try has committed without our knowing it, and its messages are still to leave before the next ones.
        if (!decision!.IsNew)
            await Resume(watch, stop);
        await Publish(decision.Messages, stop);
        return decision.Starts;
    }

    /// <summary>Sends what the last group has left in the outbox when its process ended, before anything that comes after it; gives up to where changes are taken in.</summary>
    public async Task<ChangePosition> Resume(Watch watch, CancellationToken stop)
    {
        var (position, left) = (ChangePosition.Beginning, new List<OutboxMessage>());
        await StoreUnavailable.Outlast(async () => (position, left) = await Away(() => database.InOrg(watch.OrgId, connection => Read(connection, watch), stop)), time, stop);
        await Publish(left, stop);
        return position;
    }

    async Task Publish(IReadOnlyList<OutboxMessage> messages, CancellationToken stop)
    {
        foreach (var message in messages)
            while (!await outbox.PublishAndWait([message]).WaitAsync(stop))
                await Task.Delay(StoreUnavailable.Pause, time, stop);
    }

    async Task<ChangeDecision> Commit(Watch watch, IReadOnlyList<RowChange> group)
    {
        var confirmed = outbox.TakeConfirmed();
        try
        {
            await using var connection = database.ForGroup();
            var (position, triggers) = await connection.Do(open => Load(open, watch, confirmed));
            var decision = ChangeRouting.Decide(watch.Name, group, position, triggers, ids.Next);
            await connection.Finish(open => Write(open, watch, group, decision, confirmed));
            outbox.Forget(confirmed);
            return decision;
        }
        catch
        {
            outbox.Return(confirmed);
            throw;
        }
    }

    static async Task<(ChangePosition Position, List<DataTrigger> Triggers)> Load(NpgsqlConnection connection, Watch watch, IReadOnlyList<OutboxKey> confirmed)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(ServiceDatabase.Begin),
                new(ServiceDatabase.SetOrgs) { Parameters = { ServiceDatabase.OrgsParameter([.. confirmed.Select(x => x.OrgId).Append(watch.OrgId).Distinct()]) } },
                new(Facts) { Parameters = { new() { Value = watch.OrgId }, new() { Value = watch.Name }, new() { Value = watch.Slot } } },
                new(Triggers) { Parameters = { new() { Value = watch.OrgId }, new() { Value = watch.Name } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync(); // past the result of the setting: BEGIN has none
        if (!await reader.ReadAsync())
            throw new WatchGone();
        var position = new ChangePosition(reader.GetFieldValue<NpgsqlLogSequenceNumber>(0), reader.GetInt64(1));
        await reader.NextResultAsync();
        var triggers = new List<DataTrigger>();
        while (await reader.ReadAsync())
            triggers.Add(new(
                reader.GetString(0), reader.GetString(1), new(reader.GetString(2), reader.GetString(3)), reader.GetFieldValue<string[]>(4),
                reader.IsDBNull(5) ? null : RawJson.Trusted(reader.GetString(5)), reader.GetString(6), reader.GetFieldValue<NpgsqlLogSequenceNumber>(7)));
        return (position, triggers);
    }

    async Task Write(NpgsqlConnection connection, Watch watch, IReadOnlyList<RowChange> group, ChangeDecision decision, IReadOnlyList<OutboxKey> confirmed)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (decision.Messages.Count > 0)
            batch.BatchCommands.Add(EventRows.Insert(decision.Messages, time.GetUtcNow()));
        if (decision.IsNew)
            batch.BatchCommands.Add(new(Remember)
            {
                Parameters =
                {
                    new() { Value = watch.OrgId }, new() { Value = watch.Name }, WatchStore.Position(decision.Taken.Commit), new() { Value = decision.Taken.Taken },
                    new() { Value = group[^1].CommittedAt }, new() { Value = decision.Messages.Select(x => x.Id).ToArray() },
                },
            });
        if (confirmed.Count > 0)
            batch.BatchCommands.Add(PostgresEventStore.Delete(confirmed));
        batch.BatchCommands.Add(new(ServiceDatabase.Commit));
        await batch.ExecuteNonQueryAsync();
    }

    static async Task<(ChangePosition Position, List<OutboxMessage> Left)> Read(NpgsqlConnection connection, Watch watch)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var question in new[] { Position, LeftOver })
            batch.BatchCommands.Add(new(question) { Parameters = { new() { Value = watch.OrgId }, new() { Value = watch.Name } } });
        await using var reader = await batch.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
            throw new WatchGone();
        var position = new ChangePosition(reader.GetFieldValue<NpgsqlLogSequenceNumber>(0), reader.GetInt64(1));
        await reader.NextResultAsync();
        var left = new List<OutboxMessage>();
        while (await reader.ReadAsync())
            left.Add(new(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3)));
        return (position, left);
    }

    static async Task<T> Away<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is not StoreUnavailable && StoreUnavailable.IsCauseOf(exception))
        {
            throw new StoreUnavailable("The database does not answer.", exception);
        }
    }
}
