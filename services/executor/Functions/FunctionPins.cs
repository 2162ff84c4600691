using Microsoft.Extensions.Logging;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using static ReactorJobs.Executor.Database.Columns;

namespace ReactorJobs.Executor.Functions;

/// <summary>
/// Which version of a function each run began with, and keeps through wakes and retries. Concurrent pins are committed together: at the
/// start of a run this is one row, not one commit.
/// </summary>
public sealed class FunctionPins : IAsyncDisposable
{
    const int GroupLimit = 200;

    // offset 0 keeps a look-up by key from becoming a walk over all of the org's rows. In one order, so that two executors that pin the same runs do not wait for each other.
    const string Insert =
        """
        insert into function_pin (org_id, run_id, name, version)
        select k.org, k.run, k.name, t.live_version
        from unnest($1::text[], $2::uuid[], $3::text[]) as k(org, run, name)
        cross join lateral (select f.live_version from function f where f.org_id = k.org and f.name = k.name offset 0) t
        where t.live_version is not null
        order by k.org, k.run, k.name
        on conflict do nothing
        """;

    // A statement of its own: it sees, too, what another executor has committed while the insert waited for it.
    const string Select =
        """
        select t.version from unnest($1::text[], $2::uuid[], $3::text[]) with ordinality as k(org, run, name, place)
        left join lateral (select p.version from function_pin p where p.org_id = k.org and p.run_id = k.run and p.name = k.name offset 0) t on true
        order by k.place
        """;

    const string Delete =
        """
        delete from function_pin where ctid = any(array(
          select t.ctid from unnest($1::text[], $2::uuid[]) as k(org, run)
          cross join lateral (select x.ctid from function_pin x where x.org_id = k.org and x.run_id = k.run offset 0) t))
        """;

    readonly ServiceDatabase database;
    readonly GroupLoop<Item> loop;

    public FunctionPins(ServiceDatabase database, TimeProvider time, ILogger logger)
    {
        this.database = database;
        loop = new(GroupLimit, Commit, time, logger);
    }

    /// <summary>The version that the run keeps; its first call takes the live one. Null where there is no such function, or none of it is live.</summary>
    public Task<int?> Pin(string orgId, RunId runId, string function) => Take(new(orgId, runId.Value, function));

    /// <summary>The run has ended, and holds no version any more; a run that holds none is no mistake.</summary>
    public Task Unpin(string orgId, RunId runId) => Take(new(orgId, runId.Value, null));

    Task<int?> Take(Item item)
    {
        loop.Post(item);
        return item.Done;
    }

    async Task Commit(IReadOnlyList<Item> group)
    {
        await using var connection = database.ForGroup();
        await connection.Finish(open => Commit(open, group));
    }

    static async Task Commit(NpgsqlConnection connection, IReadOnlyList<Item> group)
    {
        var pins = group.Where(x => x.Function is not null).ToArray();
        var ended = group.Where(x => x.Function is null).ToArray();
        // Sent as one, so that it is one transaction, and one wait.
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Statement(ServiceDatabase.SetOrgs, ServiceDatabase.OrgsParameter([.. group.Select(x => x.OrgId).Distinct()])));
        if (ended.Length > 0)
            batch.BatchCommands.Add(Statement(Delete, Text(ended, x => x.OrgId), Ids(ended, x => x.RunId)));
        if (pins.Length > 0)
        {
            batch.BatchCommands.Add(Statement(Insert, Keys(pins)));
            batch.BatchCommands.Add(Statement(Select, Keys(pins)));
        }

        await using var rows = await batch.ExecuteReaderAsync();
        await rows.NextResultAsync(); // the orgs
        foreach (var pin in pins)
            pin.Version = await rows.ReadAsync() && !rows.IsDBNull(0) ? rows.GetInt32(0) : null;
        // Until the end, which is the commit.
        while (await rows.NextResultAsync())
        {
        }
    }

    static NpgsqlParameter[] Keys(Item[] items) => [Text(items, x => x.OrgId), Ids(items, x => x.RunId), Text(items, x => x.Function)];

    public ValueTask DisposeAsync() => loop.DisposeAsync();

    /// <param name="function">Null when the run has ended.</param>
    sealed class Item(string orgId, Guid runId, string? function) : IGroupItem
    {
        readonly TaskCompletionSource<int?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string OrgId => orgId;
        public Guid RunId => runId;
        public string? Function => function;
        public int? Version { get; set; }
        public Task<int?> Done => done.Task;

        public void Complete() => done.TrySetResult(Version);

        public void Fail(Exception exception) => done.TrySetException(exception);
    }
}
