using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Refusals;

namespace ReactorJobs.Tests.Events;

/// <summary><c>reactor_jobs.trigger</c> and <c>reactor_jobs.emit</c>, and what takes up what they leave behind.</summary>
[Collection(PostgresCollection.Name)]
public sealed class A_transaction_starts_jobs_with_SQL(PostgresServer server) : IAsyncLifetime
{
    readonly SqlApplication shop = new(server);

    public Task InitializeAsync() => shop.Create();

    public async Task DisposeAsync() => await shop.DisposeAsync();

    [Fact]
    public async Task A_run_starts_as_it_was_asked_for_under_the_id_that_the_call_gave()
    {
        var before = TimeProvider.System.GetUtcNow();
        var plain = await shop.Call("select reactor_jobs.trigger('process-order', '{\"orderId\": \"ord_1\", \"total\": 1.50}')");
        var full = await shop.Call(
            """select reactor_jobs.trigger('ns:fn', '[1]', '{"runAt": "2030-01-31T10:00:00+01:00", "priority": "high", "timeout_ms": 5000, "idempotency_key": "k"}')""");
        var bare = await shop.Call("select reactor_jobs.trigger('saveImage/local')");
        await shop.TakeUp();

        Assert.Equal([plain, full, bare], shop.Started.Select(x => x.RunId.ToString()));
        var (one, two, three) = (shop.Started[0], shop.Started[1], shop.Started[2]);
        Assert.Equal(("acme", "process-order", """{"total": 1.50, "orderId": "ord_1"}"""), (one.OrgId, one.Job, one.Payload.ToString()));
        Assert.Equal((TriggerKinds.Sql, null, $$"""{"role":"{{shop.Role}}"}"""), (one.Trigger.Kind, one.Trigger.Id, one.Trigger.Detail.ToString()));
        Assert.Equal((null, null, null, null), (one.RunAt, one.Priority, one.TimeoutMs, one.IdempotencyKey));
        Assert.Equal((new DateTimeOffset(2030, 1, 31, 9, 0, 0, default), (short)10, 5000L, "k"), (two.RunAt!.Value, two.Priority!.Value, two.TimeoutMs!.Value, two.IdempotencyKey));
        Assert.Equal("{}", three.Payload.ToString());
        Assert.InRange(Ulid.TimeOf(one.RunId.Value), before.AddSeconds(-1), TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task An_event_is_routed_like_any_other()
    {
        await shop.Events.Store.Subscribe(Emitted.Subscription("trg_1", topic: "order.created"), default);
        var id = await shop.Call("select reactor_jobs.emit('order.created', '{\"order_id\": \"ord_123\"}')");
        var own = await shop.Call("select reactor_jobs.emit('order.created', '1', 'evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D')");
        await shop.TakeUp();

        Assert.Equal("evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D", own);
        Assert.Equal(["""{"order_id": "ord_123"}""", "1"], shop.Started.Select(x => x.Payload.ToString()));
        Assert.All(shop.Started, x => Assert.Equal((TriggerKinds.Event, "job-of-trg_1"), (x.Trigger.Kind, x.Job)));
        Assert.Equal($"{id} {own}", await shop.Events.Scalar("select string_agg(events.id_text('evt_', id), ' ' order by payload desc) from event"));
    }

    [Fact]
    public async Task Of_many_transactions_on_several_connections_the_committed_ones_happen_once_with_two_that_take_them_up()
    {
        // Two processes of the service, which come across each other.
        await using var other = shop.Process();
        other.Start();
        var (committed, _) = await Transact(sessions: 8, each: 250);
        await other.Stop();
        await shop.TakeUp();

        Assert.Equal(committed.SelectMany(x => x).Order(), Started().SelectMany(x => x.Value).Order());
        Assert.Equal(8 * 250 / 2, committed.Sum(x => x.Count));
        Assert.Equal(8 * 250 / 2L, await Scalar("select count(*) from parcel"));
    }

    [Fact]
    public async Task What_a_session_commits_starts_in_that_order()
    {
        var (committed, started) = await Transact(sessions: 4, each: 100);
        for (var session = 0; session < committed.Length; session++)
            Assert.Equal(committed[session], started[session]);
    }

    async Task<(List<string>[] Committed, Dictionary<int, string[]> Started)> Transact(int sessions, int each)
    {
        await using var process = shop.Process();
        process.Start();
        var committed = await Task.WhenAll(Enumerable.Range(0, sessions).Select(session => Task.Run(() => Transactions(session, each))));
        await process.Stop();
        await shop.TakeUp();
        return (committed, Started());
    }

    Dictionary<int, string[]> Started() =>
        shop.Started.GroupBy(x => x.Payload.Read<int[]>()![0]).ToDictionary(x => x.Key, x => x.Select(start => start.RunId.ToString()).ToArray());

    async Task<List<string>> Transactions(int session, int count)
    {
        var committed = new List<string>();
        await using var connection = await shop.Open();
        for (var i = 0; i < count; i++)
        {
            var id = (string)(await Sql.Scalar(connection,
                $"begin; insert into parcel values ({session * count + i}); select reactor_jobs.trigger('send', '[{session}, {i}]')"))!;
            await Sql.Execute(connection, i % 2 == 0 ? "commit" : "rollback");
            if (i % 2 == 0)
                committed.Add(id);
        }

        return committed;
    }

    [Fact]
    public async Task A_transaction_that_commits_late_is_found_although_younger_ones_are_gone()
    {
        await using var slow = await shop.Open();
        await Sql.Execute(slow, "begin");
        var late = (string)(await Sql.Scalar(slow, "select reactor_jobs.trigger('late')"))!;
        await using var undone = await shop.Open();
        await Sql.Execute(undone, "begin; savepoint a; select reactor_jobs.trigger('undone'); rollback to a; select reactor_jobs.trigger('kept'); commit");
        var young = await shop.Call("select reactor_jobs.trigger('young')");
        await shop.TakeUp();
        Assert.Equal(["kept", "young"], shop.Started.Select(x => x.Job));

        await Sql.Execute(slow, "commit");
        await shop.TakeUp();
        Assert.Equal(["kept", "young", "late"], shop.Started.Select(x => x.Job));
        Assert.Equal([young, late], shop.Started.Skip(1).Select(x => x.RunId.ToString()));
    }

    [Fact]
    public async Task What_a_process_leaves_undone_when_it_dies_is_done_once()
    {
        var ids = new List<string>();
        await using (var connection = await shop.Open())
            for (var i = 0; i < 20; i++)
                ids.Add((string)(await Sql.Scalar(connection, $"select reactor_jobs.trigger('j', '{i}')"))!);

        // It dies in its transaction: the calls are there again for the next one.
        await using (var dying = await shop.Events.Database.Open())
        {
            await Sql.Execute(dying, "begin; set local app.orgs = '{acme}'; select pg_advisory_xact_lock(1381321806); delete from reactor_jobs.request");
            await using var standing = shop.Process();
            Assert.False(await standing.TakeUp());
            Assert.Empty(shop.Started);
            await Sql.Execute(dying, "rollback");
        }

        await shop.TakeUp();
        Assert.Equal(ids, shop.Started.Select(x => x.RunId.ToString()));

        // It died after its commit, before anything was published: the messages are in the outbox.
        Assert.Equal(1L, await Scalar("select count(*) from events.outbox where queue = 'scheduler.starts'"));
    }

    [Fact]
    public async Task An_id_that_is_another_event_is_refused_with_its_reason()
    {
        const string id = "evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D";
        await shop.Call($"select reactor_jobs.emit('order.created', '1', '{id}')");
        await shop.Call($"select reactor_jobs.emit('order.created', '1', '{id}')");
        await shop.TakeUp();
        Assert.Equal(0L, await Scalar("select count(*) from events.refusal"));
        await shop.Call($"select reactor_jobs.emit('order.created', '2', '{id}')");
        await shop.TakeUp();

        Assert.Equal("acme event idempotency_conflict 2", await Scalar("select org_id || ' ' || kind || ' ' || code || ' ' || payload from events.refusal"));
        await shop.AsOwner($"grant reactor_reader to {shop.Role}");
        Assert.Equal($"{id} order.created sql", await shop.Call("set app.orgs = '{acme}'; select id || ' ' || name || ' ' || trigger_kind from _reactor_jobs.refused where payload = '2'"));
    }

    [Fact]
    public async Task A_call_that_cannot_be_taken_up_does_not_hold_up_the_others()
    {
        await shop.Call("select reactor_jobs.emit('first', '1')");
        await shop.Call("select reactor_jobs.emit('broken', '2')");
        await shop.Call("select reactor_jobs.emit('last', '3')");
        await shop.AsOwner("alter table events.event add constraint nothing_is_broken check (topic <> 'broken')");
        await shop.TakeUp();

        Assert.Equal("first last", await Scalar("select string_agg(topic, ' ' order by payload) from events.event"));
        Assert.Equal("broken failed", await Scalar("select name || ' ' || code from events.refusal"));
        Assert.Equal(0L, await Scalar("select count(*) from reactor_jobs.request"));
    }

    [Fact]
    public async Task A_start_that_the_scheduler_refuses_is_kept_once_and_its_key_is_free_again()
    {
        const string call = "select reactor_jobs.trigger('nowhere', '7', '{\"idempotency_key\": \"k\"}')";
        var id = await shop.Call(call);
        await shop.TakeUp();
        var start = Assert.Single(shop.Started);
        var refused = new StartsRefused([new("acme", start.RunId, start.Job, start.Payload, start.Trigger, RefusalCodes.JobNotFound, "There is no job \"nowhere\".")]);
        var register = new RefusalRegister(shop.Events.Database, shop.Events.Time);
        await register.Keep(refused);
        await register.Keep(refused);

        Assert.Equal("nowhere job_not_found 7", await Scalar("select name || ' ' || code || ' ' || payload from events.refusal"));
        Assert.NotEqual(id, await shop.Call(call));
    }

    [Fact]
    public async Task A_key_gives_the_same_run_for_a_day()
    {
        const string call = "select reactor_jobs.trigger('charge', '{\"a\": 1, \"b\": 2}', '{\"idempotency_key\": \"order-7\"}')";
        var first = await shop.Call(call);
        Assert.Equal(first, await shop.Call(call.Replace("\"a\": 1, \"b\": 2", "\"b\":2,\"a\":1", StringComparison.Ordinal)));
        Assert.NotEqual(first, await shop.Call(call.Replace("charge", "other", StringComparison.Ordinal)));
        var conflict = await shop.Refused(call.Replace("\"a\": 1", "\"a\": 2", StringComparison.Ordinal));
        Assert.Equal((PostgresErrorCodes.InvalidParameterValue, "options.idempotency_key"), (conflict.SqlState, conflict.ColumnName));
        await shop.TakeUp();
        Assert.Equal(["charge", "other"], shop.Started.Select(x => x.Job));

        await shop.AsOwner("update reactor_jobs.idempotency set made_at = made_at - interval '25 hours'");
        Assert.NotEqual(first, await shop.Call(call));
    }

    [Fact]
    public async Task A_delay_counts_from_the_call()
    {
        foreach (var delay in (string[])["1500", "\"1500\"", "\"1.5s\"", "\"PT1.5S\"", "\"2m\"", "\"7d\"", "\"P7DT1H\""])
            await shop.Call($$"""select reactor_jobs.trigger('j', '{}', '{"delay": {{delay}}}')""");
        Assert.Equal("1500 1500 1500 1500 120000 604800000 608400000", await Scalar(
            "select string_agg(round(extract(epoch from run_at - made_at) * 1000)::text, ' ' order by position) from reactor_jobs.request"));
    }

    async Task<object?> Scalar(string sql)
    {
        await using var admin = shop.Events.Options.ConnectAdmin(shop.Events.Options.Database);
        await admin.OpenAsync();
        return await Sql.Scalar(admin, sql);
    }
}
