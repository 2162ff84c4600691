using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.ScheduledFunctions;

public sealed class ScheduledFunctionQueries(ServiceDatabase database)
{
    /// <summary>Those that have not ended, the next one first.</summary>
    public Task<IReadOnlyList<ScheduledFunction>> List(string orgId, IReadOnlyList<string> states, ScheduledCursor? after, int most, CancellationToken stop) =>
        database.InOrg<IReadOnlyList<ScheduledFunction>>(orgId, async connection =>
        {
            // The states stand here too, as the index has them: a planner does not look into an array.
            await using var command = new NpgsqlCommand(
                $"""
                select {RunRow.Columns} from run
                where org_id = $1 and trigger_kind = 'schedule' and status in ('pending', 'running', 'sleeping', 'retrying') and status = any($2)
                  and (run_at, id) > ($3, $4)
                order by run_at, id limit $5
                """, connection)
            {
                Parameters =
                {
                    new() { Value = orgId }, new() { Value = states.ToArray() },
                    new() { Value = (after?.At ?? DateTimeOffset.UnixEpoch).UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz }, new() { Value = after?.Run.Value ?? Guid.Empty },
                    new() { Value = most },
                },
            };
            await using var reader = await command.ExecuteReaderAsync(stop);
            var functions = new List<ScheduledFunction>();
            while (await reader.ReadAsync(stop))
                functions.Add(ScheduledFunction.Of(RunRow.Read(reader))!);
            return functions;
        }, stop);

    /// <summary>Those of the ids that are runs, whatever became of them.</summary>
    public Task<IReadOnlyList<string>> Known(string orgId, IReadOnlyList<RunId> ids, CancellationToken stop) => database.InOrg<IReadOnlyList<string>>(orgId, async connection =>
    {
        await using var command = new NpgsqlCommand("select id from run where org_id = $1 and id = any($2)", connection)
        { Parameters = { new() { Value = orgId }, new() { Value = ids.Select(x => x.Value).ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(stop);
        var known = new List<string>();
        while (await reader.ReadAsync(stop))
            known.Add(new RunId(reader.GetGuid(0)).ToString());
        return known;
    }, stop);
}

/// <summary>After which one the next page begins.</summary>
public readonly record struct ScheduledCursor(DateTimeOffset At, RunId Run)
{
    public static ScheduledCursor? Read(string? text)
    {
        if (text is null)
            return null;
        var parts = text.Split('.', 2);
        return parts.Length == 2 && long.TryParse(parts[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var ms)
            && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() && RunId.TryParse(parts[1], out var run)
                ? new(DateTimeOffset.FromUnixTimeMilliseconds(ms), run)
                : throw new ProblemException(Problem.Invalid("cursor", "is not one that this list gave"));
    }

    public static string Of(ScheduledFunction last) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{last.ScheduledTime.ToUnixTimeMilliseconds()}.{last.Id}");
}
