using System.Globalization;
using Npgsql;
using ReactorJobs.Contracts;

namespace ReactorJobs.Tests.Events;

/// <summary>What can be checked is checked in the call, and says which argument is wrong; who may call is decided by role and org.</summary>
public sealed class A_wrong_call_is_refused_in_SQL(A_wrong_call_is_refused_in_SQL.Shop shared) : IClassFixture<A_wrong_call_is_refused_in_SQL.Shop>
{
    readonly SqlApplication shop = shared.Application;

    /// <summary>Nothing is left behind by what is refused.</summary>
    public sealed class Shop : IAsyncLifetime
    {
        readonly PostgresServer server = new();

        public SqlApplication Application { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            await server.InitializeAsync();
            Application = new(server);
            await Application.Create();
        }

        public async Task DisposeAsync()
        {
            await Application.DisposeAsync();
            await server.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("trigger(null)", "job", "must begin with a letter")]
    [InlineData("trigger('')", "job", "must begin with a letter")]
    [InlineData("trigger('-a')", "job", "must begin with a letter")]
    [InlineData("trigger('a b')", "job", "must begin with a letter")]
    [InlineData("trigger(E'a\\n')", "job", "must begin with a letter")]
    [InlineData("trigger('ä')", "job", "must begin with a letter")]
    [InlineData("trigger(repeat('a', 129))", "job", "at most 128")]
    [InlineData("trigger('webhooks')", "job", "is reserved")]
    [InlineData("trigger('j', to_jsonb(repeat('a', 1048575)))", "payload", "has 1048577 bytes")]
    [InlineData("trigger('j', (repeat('[', 64) || repeat(']', 64))::jsonb)", "payload", "deeper than 63")]
    [InlineData("trigger('j', (repeat('{\"a\":', 63) || '[1]' || repeat('}', 63))::jsonb)", "payload", "deeper than 63")]
    [InlineData("trigger('j', '{}', '[]')", "options", "must be a JSON object")]
    [InlineData("trigger('j', '{}', '{\"prio\": 1}')", "options.prio", "is not a known option")]
    [InlineData("trigger('j', '{}', '{\"run_at\": null, \"runAt\": null}')", "options.run_at", "is given twice")]
    [InlineData("trigger('j', '{}', '{\"run_at\": \"tomorrow\"}')", "options.run_at", "must be a time")]
    [InlineData("trigger('j', '{}', '{\"run_at\": \"2026-13-01T00:00:00Z\"}')", "options.run_at", "must be a time")]
    [InlineData("trigger('j', '{}', '{\"run_at\": 1}')", "options.run_at", "must be a time")]
    [InlineData("trigger('j', '{}', '{\"delay\": -1}')", "options.delay", "must be a duration")]
    [InlineData("trigger('j', '{}', '{\"delay\": \"5 minutes\"}')", "options.delay", "must be a duration")]
    [InlineData("trigger('j', '{}', '{\"delay\": \"P1M\"}')", "options.delay", "must be a duration")]
    [InlineData("trigger('j', '{}', '{\"delay\": \"40000d\"}')", "options.delay", "at most 36525 days")]
    [InlineData("trigger('j', '{}', '{\"delay\": true}')", "options.delay", "must be a duration")]
    [InlineData("trigger('j', '{}', '{\"delay\": 1, \"run_at\": \"2030-01-01T00:00:00Z\"}')", "options.delay", "beside run_at")]
    [InlineData("trigger('j', '{}', '{\"priority\": \"urgent\"}')", "options.priority", "must be low")]
    [InlineData("trigger('j', '{}', '{\"priority\": 101}')", "options.priority", "must be low")]
    [InlineData("trigger('j', '{}', '{\"priority\": 1.5}')", "options.priority", "must be low")]
    [InlineData("trigger('j', '{}', '{\"timeout_ms\": 0}')", "options.timeout_ms", "must be a whole number")]
    [InlineData("trigger('j', '{}', '{\"timeout_ms\": \"5s\"}')", "options.timeout_ms", "must be a whole number")]
    [InlineData("trigger('j', '{}', '{\"idempotency_key\": \"\"}')", "options.idempotency_key", "must be a string")]
    [InlineData("trigger('j', '{}', '{\"idempotency_key\": 7}')", "options.idempotency_key", "must be a string")]
    [InlineData("emit(null)", "topic", "must have 1 to 256")]
    [InlineData("emit('')", "topic", "must have 1 to 256")]
    [InlineData("emit(repeat('ä', 257))", "topic", "must have 1 to 256")]
    [InlineData("emit(E'a\\tb')", "topic", "control characters")]
    [InlineData("emit(E'a\\u0085b')", "topic", "control characters")]
    [InlineData("emit('t', '{}', 'evt_1')", "event_id", "must be evt_")]
    [InlineData("emit('t', '{}', 'run_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D')", "event_id", "must be evt_")]
    [InlineData("emit('t', '{}', 'evt_81JZ8Q5M3V7W9X2Y4Z6A8B0C1D')", "event_id", "must be evt_")]
    [InlineData("emit('t', '{}', 'evt_01jz8q5m3v7w9x2y4z6a8b0c1d')", "event_id", "must be evt_")]
    [InlineData("emit('t', '{}', 'evt_00000000000000000000000000')", "event_id", "must be evt_")]
    public async Task By_the_name_of_its_argument(string call, string field, string reason)
    {
        var refused = await shop.Refused("select reactor_jobs." + call);
        Assert.Equal((PostgresErrorCodes.InvalidParameterValue, field), (refused.SqlState, refused.ColumnName));
        Assert.StartsWith($"\"{field}\" ", refused.MessageText, StringComparison.Ordinal);
        Assert.Contains(reason, refused.MessageText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trigger(repeat('a', 128), null, null)")]
    [InlineData("trigger('A.1_b:/-', to_jsonb(repeat('a', 1048574)))")]
    [InlineData("trigger('j', (repeat('[', 63) || '1' || repeat(']', 63))::jsonb)")]
    [InlineData("trigger('j', '{}', '{\"run_at\": \"2026-01-31 09:00\", \"priority\": -100, \"timeout_ms\": 1, \"idempotency_key\": \"ä\"}')")]
    [InlineData("trigger('j', '{}', '{\"run_at\": null, \"delay\": null, \"priority\": null, \"timeoutMs\": null, \"idempotencyKey\": null}')")]
    [InlineData("emit(repeat('ä', 256), null, null)")]
    public async Task What_is_at_the_limit_is_taken(string call) => Assert.Matches("^(run|evt)_[0-9A-Z]{26}$", await shop.Call("begin; select reactor_jobs." + call));

    [Fact]
    public async Task Without_a_grant_with_what_to_do_about_it()
    {
        var stranger = $"stranger_{shop.Role}";
        await shop.AsOwner($"create role {stranger} login");
        var refused = await shop.Refused("select reactor_jobs.trigger('j')", stranger);
        Assert.Equal((PostgresErrorCodes.InsufficientPrivilege, $"role \"{stranger}\" may not start jobs and emit events"), (refused.SqlState, refused.MessageText));
        Assert.Contains($"reactor sql grant {stranger}", refused.Hint, StringComparison.Ordinal);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await shop.Refused("select reactor_jobs.emit('t')", stranger)).SqlState);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await shop.Refused("insert into reactor_jobs.call (kind, name, payload) values ('run', 'j', '{}')", stranger)).SqlState);

        // A role that it is a member of is as good, also when it is taken on.
        await shop.AsOwner($"grant {shop.Role} to {stranger}");
        await shop.Call("begin; select reactor_jobs.trigger('j')", stranger);
        await shop.Call($"set role {shop.Role}; begin; select reactor_jobs.trigger('j')", stranger);

        // Somebody's function lends nobody its owner's right.
        await shop.AsOwner($"""
            create role lender_{stranger}; grant create on schema public to lender_{stranger}; select reactor_jobs.grant_org('lender_{stranger}', 'acme');
            set role lender_{stranger}; create function lent() returns text language sql security definer as $$ select reactor_jobs.trigger('j') $$; reset role;
            revoke {shop.Role} from {stranger}
            """);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await shop.Refused("select lent()", stranger)).SqlState);
    }

    [Theory]
    [InlineData("select id from reactor_jobs.request")]
    [InlineData("select org_id from reactor_jobs.org_grant")]
    [InlineData("insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at) values ('acme', 'run', 'run_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D', 'j', '1', 'r', now()) returning name")]
    [InlineData("delete from reactor_jobs.request returning name")]
    [InlineData("select reactor_jobs.grant_org('postgres', 'acme')::text")]
    [InlineData("select reactor_jobs.revoke_org('postgres', 'acme')::text")]
    [InlineData("select reactor_jobs.request_run(null, 'j', '1', '{}')")]
    [InlineData("select name from reactor_jobs.call")]
    public async Task Around_the_functions_there_is_no_way(string statement) =>
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await shop.Refused(statement)).SqlState);

    [Fact]
    public async Task A_search_path_of_the_callers_changes_nothing()
    {
        await using var connection = await shop.Open();
        await Sql.Execute(connection,
            """
            create temp table request (org_id text, kind text); create function pg_temp.length(text) returns int language sql as 'select 1';
            set search_path = pg_temp, public; begin
            """);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Sql.Scalar(connection, $"select reactor_jobs.trigger('{new string('a', 200)}')"));
        Assert.Equal("job", refused.ColumnName);
    }

    [Fact]
    public async Task A_role_of_several_orgs_has_to_say_for_which()
    {
        var both = $"both_{shop.Role}";
        await shop.AsOwner($"create role {both} login; select reactor_jobs.grant_org('{both}', org) from unnest(array['acme', 'globex']) org");
        var refused = await shop.Refused("select reactor_jobs.trigger('j')", both);
        Assert.Equal((PostgresErrorCodes.InvalidParameterValue, "reactor_jobs.org"), (refused.SqlState, refused.ColumnName));
        Assert.EndsWith("acme, globex", refused.MessageText, StringComparison.Ordinal);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await shop.Refused("set reactor_jobs.org = 'initech'; select reactor_jobs.trigger('j')", both)).SqlState);

        await shop.Call("set reactor_jobs.org = 'globex'; select reactor_jobs.emit('t', '1')", both);
        await shop.Call("select reactor_jobs.emit('t', '2')");
        await shop.TakeUp();
        // Each org's own: row-level security hides the other's.
        Assert.Equal("1", await shop.Events.Scalar("select string_agg(payload, ' ') from event", "globex"));
        Assert.Equal("2", await shop.Events.Scalar("select string_agg(payload, ' ') from event"));
    }

    [Fact]
    public async Task Ids_are_as_everywhere_else()
    {
        await using var admin = shop.Events.Options.ConnectAdmin(shop.Events.Options.Database);
        await admin.OpenAsync();
        string[] odd = ["run_", "run_80000000000000000000000000", "run_01JZ8Q5M3V7W9X2Y4Z6A8B0C1I", "evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D", "run_01jz8q5m3v7w9x2y4z6a8b0c1d"];
        foreach (var text in Enumerable.Range(0, 20).Select(_ => new RunId(shop.Events.Ids.Next()).ToString()).Concat(odd))
            Assert.Equal(RunId.TryParse(text, out _), (bool)(await Sql.Scalar(admin, $"select reactor_jobs.is_id('run_', '{text}')"))!);

        var made = (string[])(await Sql.Scalar(admin, "select array_agg(reactor_jobs.new_id('run_')) || to_char(clock_timestamp(), 'YYYY-MM-DD\"T\"HH24:MI:SS.MSOF') from generate_series(1, 1000)"))!;
        var (ids, until) = (made[..^1], DateTimeOffset.Parse(made[^1], CultureInfo.InvariantCulture));
        Assert.Equal(1000, ids.Distinct().Count());
        Assert.All(ids, text => Assert.InRange(RunId.TryParse(text, out var id) ? Ulid.TimeOf(id.Value) : default, until.AddMinutes(-5), until));
    }
}
