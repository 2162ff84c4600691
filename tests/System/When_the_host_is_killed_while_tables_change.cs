using System.Net;
using Npgsql;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>Each committed change of a watched table starts one run, with what the row was and is, and nothing else does: whenever the reader dies, also with its PostgreSQL.</summary>
public sealed class When_the_host_is_killed_while_tables_change
{
    const int Connections = 4;
    const int Large = 2000;

    static readonly bool Whole = Environment.GetEnvironmentVariable("REACTOR_FULL") is not null;

    /// <summary>How many changes are made at least, beside the large transaction, and how often somebody dies meanwhile.</summary>
    static readonly (int Changes, int Kills) Torment = Whole ? (10_000, 5) : (800, 1);

    int changes;

    /// <summary>The whole trial kills the events service of a suite, too, of which there are two.</summary>
    public static TheoryData<bool> Hosts() => Whole ? new(false, true) : new(false);

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Each_committed_change_starts_one_run(bool inSeveralProcesses)
    {
        await using var suite = new SuiteProcess { InSeveralProcesses = inSeveralProcesses, Scale = "events=2" };
        suite.Launch();
        await suite.Serves();
        using var api = new Api(suite.Url, suite.Token);
        await Execute(suite, Tables);
        await api.Job("on-parcel", new { handler = "nobody" });
        var trigger = (string)(await api.Post("/jobs/v1/_admin/jobs/on-parcel/triggers", """{"kind": "data", "table": "public.parcel"}""")).Is(HttpStatusCode.Created).Json["id"]!;
        var began = await Slot(suite);

        var applications = Task.WhenAll(Enumerable.Range(0, Connections).Select(x => Task.Run(() => Application(suite, x))));
        for (var kill = 1; kill <= Torment.Kills; kill++)
        {
            await Until.True($"{kill} of {Torment.Kills + 1} parts are changed", () => Task.FromResult(Volatile.Read(ref changes) > Torment.Changes * kill / (Torment.Kills + 1)), TimeSpan.FromMinutes(5));
            await Kill(suite);
        }

        await applications;
        await Until.True("every change has its run", async () => await Number(suite, "select count(*) from change_log") <= await Number(suite, "select count(*) from scheduler.run"), TimeSpan.FromMinutes(5));
        Assert.InRange(await Number(suite, "select count(*) from change_log"), Torment.Changes + Large, long.MaxValue);
        Assert.Equal(0, await Number(suite, Unequal));
        Assert.Equal(0, await Number(suite, Disorder));
        await Until.True("the slot has moved", async () => await Slot(suite) > began);

        (await api.Send(HttpMethod.Delete, $"/jobs/v1/_admin/jobs/on-parcel/triggers/{trigger}", null)).Is(HttpStatusCode.NoContent);
        Assert.Equal(0, await Number(suite, "select (select count(*) from pg_replication_slots) + (select count(*) from pg_publication) + (select count(*) from events.watch)"));
    }

    /// <summary>The application's own record of what it has changed, in its own transactions.</summary>
    const string Tables =
        """
        create table parcel (id int primary key, version int not null, weight numeric, sent_at timestamptz, tags text[], label jsonb, fragile boolean, seal bytea);
        alter table parcel replica identity full;
        create table change_log (op text not null, old jsonb, new jsonb);
        create function log_change() returns trigger language plpgsql set timezone = 'UTC' as $$
        begin
          insert into change_log values (lower(tg_op), to_jsonb(old), to_jsonb(new));
          return null;
        end $$;
        create trigger log_change after insert or update or delete on parcel for each row execute function log_change()
        """;

    const string Unequal =
        """
        select count(*) from (
          select op, old, new, count(*) as times from change_log group by 1, 2, 3) c
        full join (
          select p ->> 'op' as op, nullif(p -> 'old', 'null') as old, nullif(p -> 'new', 'null') as new, count(*) as times
          from (select payload::jsonb as p from scheduler.run) r group by 1, 2, 3) r
        on c.op = r.op and c.old is not distinct from r.old and c.new is not distinct from r.new and c.times = r.times
        where c.op is null or r.op is null
        """;

    /// <summary>Runs of one row whose versions do not follow each other.</summary>
    const string Disorder =
        """
        select count(*) from (
          select version, lag(version) over (partition by row order by id) as before
          from (select id, coalesce(p -> 'new' ->> 'id', p -> 'old' ->> 'id')::int as row, coalesce((p -> 'new' ->> 'version')::int, 1 + (p -> 'old' ->> 'version')::int) as version
                from (select id, payload::jsonb as p from scheduler.run) x) y) z
        where version <> coalesce(before + 1, 1)
        """;

    /// <summary>Each has rows of its own, so that a transaction whose answer is lost can be left as it is.</summary>
    async Task Application(SuiteProcess suite, int number)
    {
        var connection = await Open(suite);
        var dice = new Random(number);
        for (var next = number * 1_000_000 + 1; Volatile.Read(ref changes) < Torment.Changes; next += 10)
        {
            try
            {
                if (number == 0 && next == 11)
                    await Execute(connection, $"insert into parcel select 9000000 + n, 1, n / 7.0, now(), array['large', null, n::text], jsonb_build_object('n', n), n % 2 = 0, decode('00ff', 'hex') from generate_series(1, {Large}) n");
                var kind = dice.Next(4);
                await Execute(connection, Transaction(next, kind));
                Interlocked.Add(ref changes, kind switch { 1 => 8, 2 => 0, _ => 10 });
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
            {
                await connection.DisposeAsync();
                connection = await Open(suite);
            }
        }

        await connection.DisposeAsync();
    }

    /// <summary>10 changes: rows come, some change twice, some go; a part of it or all may be rolled back.</summary>
    static string Transaction(int id, int kind) =>
        $"""
        begin;
        insert into parcel select n, 1, n / 3.0, now(), array['a "b"', n::text], '{"{"}"k": [1, null]{"}"}', true, '\x01' from generate_series({id}, {id + 3}) n;
        update parcel set version = version + 1, tags = null where id in ({id}, {id + 1});
        savepoint part;
        delete from parcel where id = {id + 2};
        insert into parcel (id, version) values ({id + 4}, 1);
        {(kind == 1 ? "rollback to part;" : "")}
        update parcel set version = version + 1, weight = 'NaN', fragile = null where id = {id};
        delete from parcel where id = {id + 3};
        {(kind == 2 ? "rollback" : "commit")}
        """;

    static async Task Kill(SuiteProcess suite)
    {
        if (suite.InSeveralProcesses)
        {
            // Both of them, so that whoever reads is among them; their keeper starts them again.
            await Until.True("somebody reads", async () => await Number(suite, "select count(*) from pg_replication_slots where active") > 0);
            foreach (var (_, pid) in suite.Processes().Where(x => x.Key.StartsWith("events", StringComparison.Ordinal)))
                global::System.Diagnostics.Process.GetProcessById(pid).Kill();
            return;
        }

        await suite.Kill();
        suite.Launch();
        await suite.Serves();
    }

    /// <summary>When PostgreSQL is there.</summary>
    static Task<NpgsqlConnection> Open(SuiteProcess suite) => Until.Some("the application has a connection", async () =>
    {
        try
        {
            return await suite.OpenDatabase();
        }
        catch (NpgsqlException)
        {
            return null;
        }
    });

    static Task<long> Slot(SuiteProcess suite) => Number(suite, "select (confirmed_flush_lsn - '0/0')::bigint from pg_replication_slots");

    static async Task<long> Number(SuiteProcess suite, string sql)
    {
        await using var connection = await Open(suite);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    static async Task Execute(SuiteProcess suite, string sql)
    {
        await using var connection = await suite.OpenDatabase();
        await Execute(connection, sql);
    }

    static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
