using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Row-level security alone keeps orgs apart: the statements here ask for what is another org's, or name no org at all (semantics 20).</summary>
[Collection(PostgresCollection.Name)]
public sealed class Orgs_do_not_see_each_other(PostgresServer server) : IAsyncLifetime
{
    const string A = "a";
    const string B = "b";
    static readonly string[] Tables = ["job", "job_load", "trigger", "run", "idempotency", "timer", "dead_letter", "outbox", "cron_trigger", "fire", "component"];

    Database database = null!;
    RunBench bench = null!;
    RunId runOfB;

    public static TheoryData<string> AllTables => [.. Tables];

    /// <summary>Both orgs have rows of the same names in every table.</summary>
    public async Task InitializeAsync()
    {
        database = await Database.Make(server, Given.Job(A), Given.Job(B));
        bench = new(database.Store, confirms: false);
        foreach (var org in new[] { A, B })
        {
            bench.Serving(org: org);
            var (failed, asleep, cancelled) = (await bench.Accept(org: org, key: "key"), await bench.Accept(org: org), await bench.Accept(org: org));
            await bench.Finish(failed, 1, AttemptOutcomes.Failed, fatal: true, org: org);
            await bench.Suspend(asleep, 1, ManualTime.Start.AddHours(1), org);
            runOfB = await bench.Accept(org: org);
            await bench.Cancel(cancelled, org: org);
            await InOrg(org, connection => Execute(connection, $"insert into trigger values ('{org}', 'trg_1', '{Given.JobName}', 'event', 'topic', now())"));
            await InOrg(org, connection => Execute(connection, $"insert into component values ('{org}', 'c', 'f', null, null, now(), now())"));
            await InOrg(org, connection => Execute(connection, $"insert into cron_trigger values ('{org}', 'trg_1', now(), now())"));
            await InOrg(org, connection => Execute(connection, $"insert into fire values ('{org}', 'trg_1', now(), '{Given.JobName}', 'missed', null, null, false, now(), null, false)"));
        }
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Theory]
    [MemberData(nameof(AllTables))]
    public async Task Rows_of_another_org_are_neither_read_nor_changed(string table)
    {
        Assert.Equal(2L, await BySweep($"select count(distinct org_id) from {table}"));
        var before = await BySweep($"select count(*)::text || md5(string_agg(t::text, ',' order by t::text)) from {table} t where org_id = '{B}'");

        Assert.Equal(new[] { A }, (string[])(await InOrg(A, connection => Scalar(connection, $"select array_agg(distinct org_id) from {table}")))!);
        Assert.Equal(0L, await InOrg(A, connection => Scalar(connection, $"select count(*) from {table} where org_id = '{B}'")));
        Assert.Equal(0, await InOrg(A, connection => Execute(connection, $"update {table} set org_id = org_id where org_id = '{B}'")));
        Assert.Equal(0, await InOrg(A, connection => Execute(connection, $"delete from {table} where org_id = '{B}'")));

        Assert.Equal(before, await BySweep($"select count(*)::text || md5(string_agg(t::text, ',' order by t::text)) from {table} t where org_id = '{B}'"));
    }

    [Theory]
    [MemberData(nameof(AllTables))]
    public async Task A_row_can_be_neither_given_to_another_org_nor_made_for_one(string table)
    {
        var given = await Assert.ThrowsAsync<PostgresException>(() => InOrg(A, connection => Execute(connection, $"update {table} set org_id = 'c'")));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, given.SqlState);

        // The same row with another org in front, whatever columns follow.
        var columns = (string)(await InOrg(A, connection => Scalar(connection,
            $"select string_agg(quote_ident(column_name), ', ' order by ordinal_position) from information_schema.columns where table_schema = 'scheduler' and table_name = '{table}' and column_name <> 'org_id'")))!;
        var refused = await Assert.ThrowsAsync<PostgresException>(() => InOrg(A, connection => Execute(connection, $"insert into {table} (org_id, {columns}) select 'c', {columns} from {table}")));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Theory]
    [MemberData(nameof(AllTables))]
    public async Task Without_a_named_org_there_is_nothing(string table)
    {
        await using var connection = await database.Service.Open();
        Assert.Equal(0L, await Scalar(connection, $"select count(*) from {table}"));
        Assert.Equal(0, await Execute(connection, $"delete from {table}"));
    }

    [Theory]
    [MemberData(nameof(AllTables))]
    public async Task The_sweep_role_reads_all_and_writes_nothing(string table)
    {
        await using var connection = await database.Service.OpenSweep();
        Assert.Equal(2L, await Scalar(connection, $"select count(distinct org_id) from {table}"));
        foreach (var statement in new[] { $"delete from {table}", $"update {table} set org_id = org_id", $"insert into {table} (org_id) values ('{A}')", $"truncate {table}", $"select 1 from {table} for update" })
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => Execute(connection, statement))).SqlState);
    }

    [Fact]
    public async Task Every_table_but_the_platforms_has_forced_security()
    {
        const string unsecured = "select array_agg(relname::text order by relname) from pg_class where relnamespace = 'scheduler'::regnamespace and relkind = 'r' and not (relrowsecurity and relforcerowsecurity)";
        Assert.Equal(new[] { "migration", "scheduler", "timer_shard" }, ((string[])(await BySweep(unsecured))!).Where(x => !x.StartsWith("qrtz_", StringComparison.Ordinal)));
        Assert.Equal(Tables.Order(), (string[])(await BySweep(unsecured.Replace("not (", "(", StringComparison.Ordinal)))!);
        Assert.Equal(0L, await BySweep("select count(*) from pg_class where relnamespace = 'scheduler'::regnamespace and relkind = 'r' and relowner <> 'reactor_owner'::regrole"));
        Assert.Equal(0L, await BySweep("select count(*) from pg_roles where rolname like 'reactor%' and (rolsuper or rolbypassrls)"));
    }

    [Fact]
    public async Task A_group_in_the_name_of_one_org_finds_nothing_of_another()
    {
        var job = new JobKey(B, Given.JobName);
        await using var transaction = await database.Store.Open(new([A], [job], [new(B, runOfB)], [new(B, Given.JobName, "key")], [(job, 10)]));

        Assert.Empty(transaction.Loads);
        Assert.Empty(transaction.Runs);
        Assert.Empty(transaction.Idempotency);
        Assert.Empty(transaction.Waiting);
    }

    [Fact]
    public async Task A_group_in_the_name_of_one_org_changes_nothing_of_another()
    {
        var before = await Everything();
        var run = await RunOfB();
        run.CurrentState = nameof(RunStateMachine.Cancelled);
        (run.CompletedAt, run.Executor) = (ManualTime.Start, null);
        var changes = new RunChanges();
        changes.Updated.Add(run);
        changes.Loads.Add((run.JobKey, 0, 0));
        changes.TimersCleared.AddRange((await database.Store.ReadTimers([.. Enumerable.Range(0, 64).Select(x => (short)x)], DateTimeOffset.MaxValue, 10)).Where(x => x.OrgId == B).Select(x => new RunKey(B, x.RunId)));
        changes.Confirmed.AddRange((await database.Store.ReadOutbox(DateTimeOffset.MaxValue, 10)).Where(x => x.OrgId == B).Select(x => new OutboxKey(B, x.Id)));
        Assert.NotEmpty(changes.TimersCleared);
        Assert.NotEmpty(changes.Confirmed);

        await using (var transaction = await database.Store.Open(new([A], [], [], [], [])))
            await transaction.Commit(changes);

        Assert.Equal(before, await Everything());
    }

    [Theory]
    [InlineData("run")]
    [InlineData("idempotency")]
    [InlineData("timer")]
    [InlineData("dead letter")]
    [InlineData("outbox")]
    public async Task A_group_in_the_name_of_one_org_inserts_nothing_for_another(string what)
    {
        var before = await Everything();
        var run = await RunOfB();
        run.CorrelationId = bench.NewId().Value;
        var changes = new RunChanges();
        if (what == "run")
            changes.Inserted.Add(run);
        if (what == "idempotency")
            changes.Idempotency.Add((new(B, Given.JobName, "key"), new(run.Id, [1], ManualTime.Start)));
        if (what == "timer")
            changes.TimersSet.Add(new(B, run.Id, Given.JobName, 1, 1, ManualTime.Start));
        if (what == "dead letter")
            changes.DeadLetters.Add(new(B, "dlq_1", Given.JobName, run.Id, Given.Error, 1, ManualTime.Start));
        if (what == "outbox")
            changes.Outbox.Add(OutboxMessage.For(run.CorrelationId, B, "queue", new CancelAttempt(B, run.Id, 1, "")));

        await using (var transaction = await database.Store.Open(new([A], [], [], [], [])))
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => transaction.Commit(changes))).SqlState);

        Assert.Equal(before, await Everything());
    }

    async Task<Run> RunOfB()
    {
        await using var transaction = await database.Store.Open(new([B], [], [new(B, runOfB)], [], []));
        return transaction.Runs.Values.Single();
    }

    async Task<string> Everything()
    {
        var text = new List<object?>();
        foreach (var table in Tables)
            text.Add(await BySweep($"select string_agg(t::text, ',' order by t::text) from {table} t"));
        return string.Join('\n', text);
    }

    async Task<object?> BySweep(string sql)
    {
        await using var connection = await database.Service.OpenSweep();
        return await Scalar(connection, sql);
    }

    Task<T> InOrg<T>(string org, Func<NpgsqlConnection, Task<T>> work) => database.Service.InOrg(org, work);

    static async Task<object?> Scalar(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    static async Task<int> Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }
}
