using Microsoft.Extensions.Logging;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Changes;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Events.Watches;

/// <summary>A data trigger as the scheduler tells of it.</summary>
public sealed record WatchRequest(string OrgId, string TriggerId, string Job, string Database, TableName Table, IReadOnlyList<string> Operations, RawJson? When);

/// <summary>
/// Begins to watch a table for a trigger, and ends it. A trigger is answered to its user after this: whatever commits from then on is seen, and nothing
/// that had committed before. With the last trigger of a database its slot and its publications go, for they hold write-ahead log.
/// </summary>
/// <param name="changed">Is told that there may be something to read, or nothing any more.</param>
public sealed class DataTriggers(WatchedDatabases databases, WatchStore store, IdSource ids, TimeProvider time, Action changed, ILogger<DataTriggers> logger)
{
    /// <summary>Less than the scheduler waits, and than a transaction may stand still.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public async Task Put(WatchRequest request, CancellationToken stop)
    {
        var watched = Find(request);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(Patience);
            await using var remote = await new WatchedServer(watched).Open(patience.Token);
            var facts = await WatchedServer.Look(remote, request.Table, patience.Token);
            if (facts.Flaw(request.Table, request.Operations, ChangeCondition.Of(request.When)) is { } flaw)
                throw new ProblemException(Problem.Invalid("/" + flaw.Field, flaw.Detail));
            while (!await Add(request, remote, facts.HasIdentity, patience.Token))
            {
                // The last trigger before this one has just taken the watch with it.
            }
        }
        catch (Exception exception) when (IsOfDatabase(exception, stop))
        {
            throw WatchProblem.For(request.Database, exception);
        }

        changed();
    }

    public Task<bool> Confirm(string orgId, string triggerId, CancellationToken stop) => store.Confirm(orgId, triggerId, stop);

    /// <summary>Succeeds too when there is none: the caller repeats what it has no answer to. What cannot be taken away now is later.</summary>
    public async Task Remove(string orgId, string triggerId, CancellationToken stop)
    {
        if (await store.Remove(orgId, triggerId, stop) is not { } name)
            return;
        try
        {
            await Tidy(orgId, name, stop);
        }
        catch (Exception exception) when (IsOfDatabase(exception, stop))
        {
            logger.LogWarning("What watching the database {Database} of {Org} has left there is taken away later: {Reason}", name, orgId, WatchProblem.Explain(exception));
        }

        changed();
    }

    /// <summary>Publishes what triggers are for; without any, leaves nothing in the watched database.</summary>
    public async Task Tidy(string orgId, string name, CancellationToken stop)
    {
        if (databases.Find(orgId, name) is not { } watched)
            return;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        await using var remote = await new WatchedServer(watched).Open(patience.Token);
        await store.Locked(orgId, name, async (connection, watch) =>
        {
            if (watch is null)
                return false;
            var tables = await WatchStore.Tables(connection, watch, patience.Token);
            if (tables.Count > 0)
            {
                await Publishing.Align(remote, watch, await Publishable(remote, tables, patience.Token), patience.Token);
                return false;
            }

            await Publishing.Drop(remote, watch, time, patience.Token);
            await WatchStore.Forget(connection, watch, patience.Token);
            return true;
        }, patience.Token);
    }

    /// <summary>Makes anew what a watch has lost, and writes down what was not seen.</summary>
    public async Task Renew(Watch lost, string reason, CancellationToken stop)
    {
        var watched = databases.Find(lost.OrgId, lost.Name) ?? throw new WatchGone();
        await using var remote = await new WatchedServer(watched).Open(stop);
        await store.Locked(lost.OrgId, lost.Name, async (connection, watch) =>
        {
            if (watch != lost)
                throw new WatchGone();
            await Publishing.DropSlot(remote, watch, time, stop);
            await Publishing.Make(remote, watch, stop);
            await Publishing.Align(remote, watch, await Publishable(remote, await WatchStore.Tables(connection, watch, stop), stop), stop);
            await WatchStore.AddGap(connection, watch, await WatchedServer.Now(remote, stop), reason, time.GetUtcNow(), stop);
            await WatchStore.SetMade(connection, watch, stop);
            return true;
        }, stop);
    }

    /// <summary>
    /// What is wrong by now with each watched table, null being nothing. One that was made again under its name is published again.
    /// </summary>
    public async Task<IReadOnlyDictionary<TableName, string?>> Examine(Watch watch, NpgsqlConnection remote, CancellationToken stop)
    {
        var kept = await store.Read(watch, stop);
        var problems = new Dictionary<TableName, string?>();
        var wanted = new List<(TableName, bool)>();
        foreach (var ofTable in kept.GroupBy(x => x.Table))
        {
            var facts = await WatchedServer.Look(remote, ofTable.Key, stop);
            problems[ofTable.Key] = facts.Flaw(ofTable.Key, [.. ofTable.SelectMany(x => x.Operations).Distinct()], null)?.Detail;
            if (facts.Flaw(ofTable.Key, [Operations.Insert], null) is null)
                wanted.Add((ofTable.Key, facts.HasIdentity));
        }

        if (!await Publishing.IsAligned(remote, watch, wanted, stop))
            await Tidy(watch.OrgId, watch.Name, stop);
        return problems;
    }

    /// <summary>Those of the tables that can be published as they are now: one may be dropped, renamed or without its key since its trigger was made.</summary>
    public static async Task<List<(TableName Table, bool HasIdentity)>> Publishable(NpgsqlConnection remote, IReadOnlyList<TableName> tables, CancellationToken stop)
    {
        var found = new List<(TableName, bool)>();
        foreach (var table in tables)
            if (await WatchedServer.Look(remote, table, stop) is var facts && facts.Flaw(table, [Operations.Insert], null) is null)
                found.Add((table, facts.HasIdentity));
        return found;
    }

    WatchedDatabase Find(WatchRequest request)
    {
        if (databases.Find(request.OrgId, request.Database) is not { } watched)
        {
            var there = databases.Names(request.OrgId);
            throw new ProblemException(Problem.Invalid("/database", there.Count == 0
                ? $"there is no database \"{request.Database}\": this installation watches none for the org; [jobs.data.databases.{request.Database}] in its settings would name one"
                : $"there is no database \"{request.Database}\"; there is {string.Join(", ", there)}"));
        }

        return watched.MayWatch(request.Table.Schema)
            ? watched
            : throw new ProblemException(Problem.Invalid("/table", $"the database \"{watched.Name}\" is watched in {string.Join(", ", watched.Schemas)} only"));
    }

    async Task<bool> Add(WatchRequest request, NpgsqlConnection remote, bool hasIdentity, CancellationToken stop)
    {
        var kept = await store.Ensure(new(request.OrgId, request.Database, "reactor_" + Ulid.Format("", ids.Next()).ToLowerInvariant()), stop);
        return await store.Locked(request.OrgId, request.Database, async (connection, watch) =>
        {
            if (watch != kept)
                return false;
            if (!await WatchStore.IsMade(connection, watch, stop))
            {
                await Publishing.Make(remote, watch, stop);
                await WatchStore.SetMade(connection, watch, stop);
            }

            await Publishing.AddMissing(remote, watch, request.Table, hasIdentity, stop);
            var trigger = new DataTrigger(
                request.OrgId, request.TriggerId, request.Table, request.Operations, request.When, request.Job, await WatchedServer.Now(remote, stop));
            await WatchStore.Put(connection, watch, trigger, time.GetUtcNow(), stop);
            return true;
        }, stop);
    }

    static bool IsOfDatabase(Exception exception, CancellationToken stop) =>
        exception is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException || (exception is OperationCanceledException && !stop.IsCancellationRequested);
}
