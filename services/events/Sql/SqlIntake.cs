using Microsoft.Extensions.Logging;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Refusals;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Events.Sql;

/// <summary>
/// Takes up what applications have asked for in their own transactions. One transaction deletes a group of calls and writes what comes of them, so
/// that each becomes one run or event whatever dies. It looks for what is visible, in the order of positions: a transaction that commits late is
/// found when it is there. One process at a time takes up, which keeps that order; calls that a process has seen and another one has taken are gone
/// for it.
/// </summary>
public sealed class SqlIntake(ServiceDatabase database, Outbox outbox, IdSource ids, TimeProvider time, ILogger<SqlIntake> logger) : IAsyncDisposable
{
    /// <summary>Between two looks. A call waits half of this on average.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(25);

    // A statement that lasts keeps what is deleted meanwhile from being cleared.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    const int AnswerWithinSeconds = 5;

    const int Page = StartRun.MaxStarts;
    const int PageBytes = 8 << 20;

    /// <summary>Told apart from other advisory locks by this number.</summary>
    const string IntakeLock = "1381321806";

    const string Waiting =
        $"""
        select position, org_id from (
          select position, org_id, sum(octet_length(payload)) over (order by position) - octet_length(payload) as before
          from (select position, org_id, payload from {SqlCalls.Schema}.request order by position limit $1) page) x
        where before < $2
        """;

    // Asked once for the statement: where another process is at it, nothing is deleted.
    const string Take =
        $"delete from {SqlCalls.Schema}.request where position = any($1) and (select pg_try_advisory_xact_lock({IntakeLock})) returning {SqlRequest.Columns}";

    readonly CancellationTokenSource stopping = new();
    Task running = Task.CompletedTask;

    public void Start() => running = Task.Run(Run);

    public async Task Stop()
    {
        await stopping.CancelAsync();
        await running;
    }

    /// <summary>Takes up one group; true when more may be waiting already.</summary>
    public async Task<bool> TakeUp(CancellationToken stop = default)
    {
        var waiting = await Look(stop);
        if (waiting.Count == 0)
            return false;
        try
        {
            return await Commit(waiting) && waiting.Count == Page;
        }
        catch (Exception exception) when (!StoreUnavailable.IsCauseOf(exception))
        {
            logger.LogWarning("A group of {Count} calls from SQL is taken up one by one: {Reason}", waiting.Count, exception.Message);
            foreach (var one in waiting)
                await CommitOrRefuse(one);
            return true;
        }
    }

    async Task Run()
    {
        var isAway = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Wait(stopping.Token);
                while (await TakeUp(stopping.Token))
                {
                }

                isAway = false;
                // What is there still, another process is at; what comes meanwhile goes together.
                await Task.Delay(Period, time, stopping.Token);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // What waits keeps waiting where it is.
                if (!isAway)
                    logger.LogWarning("Calls from SQL are not taken up: {Reason}", exception.Message);
                isAway = true;
                await Task.Delay(StoreUnavailable.Pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task Wait(CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand("select wait_for_calls($1, $2)", connection)
        {
            Parameters = { new() { Value = Period }, new() { Value = Patience } },
            CommandTimeout = AnswerWithinSeconds,
        };
        await command.ExecuteNonQueryAsync(stop);
    }

    async Task<List<(long Position, string OrgId)>> Look(CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand(Waiting, connection) { Parameters = { new() { Value = Page }, new() { Value = PageBytes } } };
        await using var reader = await command.ExecuteReaderAsync(stop);
        var waiting = new List<(long, string)>();
        while (await reader.ReadAsync(stop))
            waiting.Add((reader.GetInt64(0), reader.GetString(1)));
        return waiting;
    }

    async Task CommitOrRefuse((long Position, string OrgId) one)
    {
        try
        {
            await Commit([one]);
        }
        catch (Exception exception) when (!StoreUnavailable.IsCauseOf(exception))
        {
            // It would keep everything behind it from being taken up, again and again.
            logger.LogError(exception, "A call from SQL could not be taken up");
            await Commit([one], x => Refusal.Of(x, RefusalCodes.Failed, "It could not be taken up; the log of the events service tells why.", time.GetUtcNow()));
        }
    }

    /// <summary>False when another process has been at it.</summary>
    async Task<bool> Commit(IReadOnlyList<(long Position, string OrgId)> waiting, Func<SqlRequest, Refusal>? refuse = null)
    {
        for (; ; )
        {
            try
            {
                await using var connection = database.ForGroup();
                var taken = await connection.Do(open => Delete(open, waiting));
                if (taken.Count == 0)
                    return false;
                var now = time.GetUtcNow();
                var decision = refuse is null
                    ? SqlRouting.Decide(taken, await connection.Do(open => Facts(open, taken)), now, ids.Next)
                    : new(new([], [], [], [], now), [], [.. taken.Select(refuse)]);
                await connection.Finish(open => Write(open, decision));
                RefusalRegister.Count(decision.Refused);
                outbox.Publish(decision.Messages);
                return true;
            }
            catch (PostgresException exception) when (PostgresEventStore.IsTakenMeanwhile(exception))
            {
                // One of the events has come another way since it was looked up; this time it is found.
            }
        }
    }

    static async Task<List<SqlRequest>> Delete(NpgsqlConnection connection, IReadOnlyList<(long Position, string OrgId)> waiting)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(ServiceDatabase.Begin),
                new(ServiceDatabase.SetOrgs) { Parameters = { ServiceDatabase.OrgsParameter([.. waiting.Select(x => x.OrgId).Distinct()]) } },
                new(Take) { Parameters = { EventRows.Array(waiting, x => x.Position) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync(); // past the result of the setting: BEGIN has none
        var taken = new List<SqlRequest>();
        while (await reader.ReadAsync())
            taken.Add(SqlRequest.Read(reader));
        taken.Sort((one, other) => one.Position.CompareTo(other.Position));
        return taken;
    }

    static async Task<RoutingFacts> Facts(NpgsqlConnection connection, IReadOnlyList<SqlRequest> taken)
    {
        var emitted = taken.Where(x => !x.IsRun).Select(x => x.ToEvent()).ToArray();
        if (emitted.Length == 0)
            return new(new Dictionary<EventKey, StoredEvent>(), Array.Empty<Subscription>().ToLookup(x => default(TopicKey)));
        await using var batch = new NpgsqlBatch(connection);
        PostgresEventStore.AskFacts(batch, emitted);
        await using var reader = await batch.ExecuteReaderAsync();
        return await PostgresEventStore.ReadFacts(reader);
    }

    static async Task Write(NpgsqlConnection connection, SqlDecision decision)
    {
        await using var batch = new NpgsqlBatch(connection);
        PostgresEventStore.Write(batch, decision.Events);
        if (decision.Starts.Count > 0)
            batch.BatchCommands.Add(EventRows.Insert(decision.Starts, decision.Events.DecidedAt));
        if (decision.Refused.Count > 0)
            batch.BatchCommands.Add(RefusalRegister.Insert(decision.Refused));
        batch.BatchCommands.Add(new(ServiceDatabase.Commit));
        await batch.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        stopping.Dispose();
    }
}
