using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Schema;
using ReactorJobs.Events.Sql;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Events.Retention;

/// <summary>
/// Deletes events with their deliveries when they are past the retention period (semantics 28), org by org and in small batches in the
/// order of their ids, which hold their age; and what was refused.
/// </summary>
public sealed class EventRetention(ServiceDatabase database, EventsOptions options, TimeProvider time)
{
    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    // An hour more than they count: the database has a clock of its own.
    static readonly TimeSpan KeysAreKept = TimeSpan.FromHours(25);
    const int Batch = 1000;

    public async Task Run(CancellationToken stop)
    {
        var oldest = time.GetUtcNow() - options.Retention;
        foreach (var orgId in await OrgsOf("event", stop))
            while (await DeleteBatch(orgId, oldest, stop) == Batch)
            {
            }

        foreach (var orgId in await OrgsOf("refusal", stop))
            while (await DeleteRefusals(orgId, oldest, stop) == Batch)
            {
            }

        foreach (var orgId in await OrgsOf($"{SqlCalls.Schema}.idempotency", stop))
            while (await DeleteKeys(orgId, time.GetUtcNow() - KeysAreKept, stop) == Batch)
            {
            }
    }

    /// <summary>Jumps from org to org along the key instead of reading every event.</summary>
    async Task<List<string>> OrgsOf(string table, CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand(
            $"""
            with recursive org(id) as (
              (select org_id from {table} order by org_id limit 1)
              union all
              select (select org_id from {table} where org_id > org.id order by org_id limit 1) from org where org.id is not null)
            select id from org where id is not null
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var orgs = new List<string>();
        while (await reader.ReadAsync(stop))
            orgs.Add(reader.GetString(0));
        return orgs;
    }

    /// <summary>An id may be older than its event (a run that slept emits under its own age; callers choose ids), hence the second condition.</summary>
    Task<long> DeleteBatch(string orgId, DateTimeOffset oldest, CancellationToken stop) =>
        database.InOrg(orgId, async connection =>
        {
            await using var command = new NpgsqlCommand(
                """
                with old as (
                  select id from event where org_id = $1 and id < $2 and stored_at < $3 order by id limit $4),
                gone as (
                  delete from event using old where event.org_id = $1 and event.id = old.id returning event.id),
                undelivered as (
                  delete from delivery using gone where delivery.org_id = $1 and delivery.event_id = gone.id),
                unreplayed as (
                  delete from replay using gone where replay.org_id = $1 and replay.event_id = gone.id)
                select count(*) from gone
                """, connection)
            {
                Parameters =
                {
                    new() { Value = orgId }, new() { Value = Ulid.Create(oldest, new byte[10]) }, new() { Value = oldest }, new() { Value = Batch },
                },
            };
            return (long)(await command.ExecuteScalarAsync(stop))!;
        }, stop);

    Task<int> DeleteRefusals(string orgId, DateTimeOffset oldest, CancellationToken stop) =>
        database.InOrg(orgId, async connection =>
        {
            await using var command = new NpgsqlCommand(
                """
                with old as (select id, kind from refusal where org_id = $1 and id < $2 and refused_at < $3 order by id limit $4)
                delete from refusal using old where refusal.org_id = $1 and refusal.id = old.id and refusal.kind = old.kind
                """, connection)
            {
                Parameters =
                {
                    new() { Value = orgId }, new() { Value = Ulid.Create(oldest, new byte[10]) }, new() { Value = oldest }, new() { Value = Batch },
                },
            };
            return await command.ExecuteNonQueryAsync(stop);
        }, stop);

    Task<int> DeleteKeys(string orgId, DateTimeOffset oldest, CancellationToken stop) =>
        database.InOrg(orgId, async connection =>
        {
            await using var command = new NpgsqlCommand(
                $"""
                with old as (select job, key from {SqlCalls.Schema}.idempotency where org_id = $1 and made_at < $2 order by made_at limit $3 for update skip locked)
                delete from {SqlCalls.Schema}.idempotency k using old where k.org_id = $1 and k.job = old.job and k.key = old.key
                """, connection)
            {
                Parameters = { new() { Value = orgId }, new() { Value = oldest }, new() { Value = Batch } },
            };
            return await command.ExecuteNonQueryAsync(stop);
        }, stop);
}
