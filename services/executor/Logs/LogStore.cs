using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Database;
using ReactorJobs.Hosting.Database;
using static ReactorJobs.Executor.Database.Columns;

namespace ReactorJobs.Executor.Logs;

/// <summary>Where log lines are kept: PostgreSQL, or memory where the executor runs without one.</summary>
public interface ILogStore
{
    /// <summary>Stores lines and gives them back with their ids.</summary>
    Task<IReadOnlyList<LogEntry>> Append(IReadOnlyList<LogEntry> entries);

    Task<Dictionary<RunKey, long>> Count(IReadOnlyCollection<RunKey> runs);
}

public sealed class LogStore(ServiceDatabase database) : ILogStore
{
    const string Insert =
        """
        insert into log (org_id, run_id, job, attempt, ts, level, step, message)
        select org_id, run_id, job, attempt, ts, level, step, message
        from unnest($1::text[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
          with ordinality as n(org_id, run_id, job, attempt, ts, level, step, message, place)
        order by place returning id
        """;

    public async Task<IReadOnlyList<LogEntry>> Append(IReadOnlyList<LogEntry> entries)
    {
        var ids = await InOrgs(entries.Select(x => x.OrgId), Statement(Insert,
            Text(entries, x => x.OrgId), Ids(entries, x => x.Run.Value), Text(entries, x => x.Job), Ints(entries, x => x.Attempt), Times(entries, x => x.Ts),
            Text(entries, x => x.Level), Text(entries, x => x.Step), Text(entries, x => x.Message)), row => row.GetInt64(0));
        return [.. entries.Zip(ids, (entry, id) => entry with { Id = id })];
    }

    public async Task<Dictionary<RunKey, long>> Count(IReadOnlyCollection<RunKey> runs)
    {
        var counted = await InOrgs(runs.Select(x => x.OrgId), Statement(
            """
            select k.org, k.run, (select count(*) from log l where l.org_id = k.org and l.run_id = k.run)
            from unnest($1::text[], $2::uuid[]) as k(org, run)
            """, Text(runs, x => x.OrgId), Ids(runs, x => x.Run.Value)),
            row => (Key: new RunKey(row.GetString(0), new RunId(row.GetGuid(1))), Count: row.GetInt64(2)));
        return counted.ToDictionary(x => x.Key, x => x.Count);
    }

    /// <summary>Lines after an id, oldest first; without one the newest lines of a run's whole log or the last few of many runs.</summary>
    public Task<List<LogEntry>> Read(LogFilter filter, long? after, int most, CancellationToken stop) =>
        database.Read<ExecutorDb, List<LogEntry>>(filter.OrgId, options => new(options), async db =>
        {
            var rows = db.Logs.Where(x => x.OrgId == filter.OrgId);
            if (filter.Run is { } run)
                rows = rows.Where(x => x.RunId == run.Value);
            if (filter.Job is { } job)
                rows = rows.Where(x => x.Job == job);
            rows = after is { } id || filter.Run is not null
                ? rows.Where(x => x.Id > (after ?? 0)).OrderBy(x => x.Id).Take(most)
                : rows.OrderByDescending(x => x.Id).Take(most);
            var found = await rows.ToListAsync(stop);
            return found.OrderBy(x => x.Id).Select(x => new LogEntry(x.Id, x.OrgId, new RunId(x.RunId), x.Job, x.Attempt, x.Ts, x.Level, x.Step, x.Message)).ToList();
        }, stop);

    async Task<List<T>> InOrgs<T>(IEnumerable<string> orgs, NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read)
    {
        await using var connection = database.ForGroup();
        return await connection.Finish(open => InOrgs(open, orgs, command, read));
    }

    static async Task<List<T>> InOrgs<T>(NpgsqlConnection connection, IEnumerable<string> orgs, NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Statement(ServiceDatabase.SetOrgs, ServiceDatabase.OrgsParameter([.. orgs.Distinct()])));
        batch.BatchCommands.Add(command);
        var found = new List<T>();
        await using (var rows = await batch.ExecuteReaderAsync())
        {
            await rows.NextResultAsync();
            while (await rows.ReadAsync())
                found.Add(read(rows));
        }

        await transaction.CommitAsync();
        return found;
    }
}
