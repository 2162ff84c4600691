using Npgsql;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using static ReactorJobs.Executor.Database.Columns;

namespace ReactorJobs.Executor.Database;

/// <summary>A group's transaction in one round trip: the leases are locked and compared with what was assumed, and all is written.</summary>
sealed class PostgresAssumedAttempts(ServiceDatabase database, AttemptQuery query, AttemptSnapshot assumed) : IAttemptTransaction
{
    const string Held =
        $"""
        select stale_read('{StaleRead.OtherState}') from unnest($1::text[], $2::uuid[], $3::int[], $4::uuid[]) as k(org, run, epoch, instance)
        left join lateral (select x.epoch, x.instance from lease x where x.org_id = k.org and x.run_id = k.run for update) l on true
        where l.epoch is distinct from k.epoch or l.instance is distinct from k.instance
        """;

    const string Uncontested =
        $"""
        select stale_read('{StaleRead.ThereState}') from unnest($1::text[], $2::uuid[], $3::int[]) as k(org, run, epoch)
        where exists (select from lease x where x.org_id = k.org and x.run_id = k.run)
          or exists (select from attempt x where x.org_id = k.org and x.run_id = k.run and x.epoch >= k.epoch)
        """;

    public AttemptSnapshot Snapshot => assumed;

    public async Task Commit(AttemptChanges changes)
    {
        await using var connection = database.ForGroup();
        try
        {
            await connection.Finish(open => Write(open, changes));
        }
        catch (PostgresException exception) when (exception.SqlState is StaleRead.OtherState or StaleRead.ThereState)
        {
            throw new StaleRead(exception.SqlState == StaleRead.ThereState, exception);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    async Task Write(NpgsqlConnection open, AttemptChanges changes)
    {
        await using var batch = new NpgsqlBatch(open);
        AttemptReads.Begin(batch, query);
        var held = assumed.Leases.Values.OrderBy(x => x.Key).ToArray();
        if (held.Length > 0)
            batch.BatchCommands.Add(Statement(Held, Text(held, x => x.Key.OrgId), Ids(held, x => x.Key.Run.Value), Ints(held, x => x.Epoch), Ids(held, x => x.Instance)));
        var uncontested = query.Leases.Where(key => !assumed.Leases.ContainsKey(key)).ToArray();
        if (uncontested.Length > 0)
            batch.BatchCommands.Add(Statement(Uncontested, Text(uncontested, x => x.OrgId), Ids(uncontested, x => x.Run.Value), Ints(uncontested, x => query.Latest[x])));
        AttemptWrites.Add(batch, changes);
        await batch.ExecuteNonQueryAsync();
    }
}
