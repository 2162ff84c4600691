using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Ingress.Schema;
using ReactorJobs.Ingress.Tokens;

namespace ReactorJobs.Tests.Events;

[Collection(PostgresCollection.Name)]
public sealed class TokenTests(PostgresServer server) : IAsyncLifetime
{
    readonly ManualTime time = new();
    DatabaseOptions options = null!;
    ServiceDatabase database = null!;
    ServiceTokens tokens = null!;
    OrgRegister orgs = null!;

    public async Task InitializeAsync()
    {
        options = server.NewDatabase();
        await DatabaseSetup.CreateDatabase(options, default);
        await DatabaseSetup.Migrate<IngressDb>(options, IngressDb.Name, x => new(x), default);
        database = new(options, IngressDb.Name);
        tokens = AnotherProcess();
        orgs = new(database, tokens, time);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task A_new_token_has_256_random_bits_and_opens_its_org()
    {
        var token = await orgs.EnsureOrgWithToken("acme", null);

        Assert.Matches("^rjs_[A-Za-z0-9_-]{43}$", token);
        Assert.NotEqual(token, await orgs.EnsureOrgWithToken("acme", null));
        Assert.Equal("acme", (await Caller(tokens, token))?.OrgId);
    }

    [Theory]
    [InlineData("rjs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("dev")]
    public async Task A_given_token_is_registered_once(string given)
    {
        Assert.Null(await Caller(tokens, given));
        Assert.Equal(given, await orgs.EnsureOrgWithToken("acme", given));
        Assert.Equal(given, await orgs.EnsureOrgWithToken("acme", given));

        Assert.Equal("acme", (await Caller(tokens, given))?.OrgId);
        Assert.Single(await tokens.List("acme", default));
    }

    [Fact]
    public async Task A_given_token_that_was_revoked_stays_so_and_another_is_made()
    {
        var token = await orgs.EnsureOrgWithToken("acme", null);
        await tokens.Revoke("acme", (await tokens.List("acme", default))[0].Id, default);

        var next = await orgs.EnsureOrgWithToken("acme", token);

        Assert.NotEqual(token, next);
        Assert.Null(await Caller(tokens, token));
    }

    [Fact]
    public async Task A_given_token_of_another_org_is_refused()
    {
        var token = await orgs.EnsureOrgWithToken("acme", null);

        await Assert.ThrowsAsync<InvalidOperationException>(() => orgs.EnsureOrgWithToken("globex", token));
        await Assert.ThrowsAsync<ArgumentException>(() => orgs.EnsureOrgWithToken("acme", "two words"));
        await Assert.ThrowsAsync<ArgumentException>(() => orgs.EnsureOrgWithToken("No Org!", null));
    }

    [Fact]
    public async Task A_revocation_is_effective_here_at_once_and_elsewhere_within_10_seconds()
    {
        var elsewhere = AnotherProcess();
        var token = await orgs.EnsureOrgWithToken("acme", null);
        Assert.NotNull(await Caller(tokens, token));
        Assert.NotNull(await Caller(elsewhere, token));

        Assert.True(await tokens.Revoke("acme", (await tokens.List("acme", default))[0].Id, default));

        Assert.Null(await Caller(tokens, token));
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Null(await Caller(elsewhere, token));
    }

    [Fact]
    public async Task What_was_found_a_moment_ago_is_not_asked_again()
    {
        var token = await orgs.EnsureOrgWithToken("acme", null);
        Assert.NotNull(await Caller(tokens, token));
        Assert.Null(await Caller(tokens, "rjs_unknown"));
        await database.DisposeAsync();

        Assert.NotNull(await Caller(tokens, token));
        Assert.Null(await Caller(tokens, "rjs_unknown"));
        await Assert.ThrowsAnyAsync<Exception>(() => Caller(tokens, "rjs_another"));
    }

    [Fact]
    public void What_a_lookup_found_while_the_token_changed_is_not_kept()
    {
        var cache = new TokenCache(time);
        var hash = TokenText.Hash("rjs_x");
        var lookup = cache.Begin();
        cache.Forget(hash);
        cache.Add(hash, new("acme", "x"), lookup);

        Assert.False(cache.TryGet(hash, out _));
    }

    [Fact]
    public async Task Another_orgs_token_can_be_neither_listed_nor_revoked()
    {
        await orgs.EnsureOrgWithToken("acme", null);
        var other = await orgs.EnsureOrgWithToken("globex", null);
        var id = Assert.Single(await tokens.List("globex", default)).Id;

        Assert.DoesNotContain(await tokens.List("acme", default), x => x.Id == id);
        Assert.False(await tokens.Revoke("acme", id, default));
        Assert.NotNull(await Caller(tokens, other));
    }

    [Theory]
    [InlineData("Bearer rjs_x", "rjs_x")]
    [InlineData("bearer  rjs_x ", "rjs_x")]
    [InlineData("Basic rjs_x", null)]
    [InlineData("Bearer", null)]
    [InlineData("Bearer ", null)]
    [InlineData("Bearer a b", null)]
    [InlineData("Bearer ä", null)]
    [InlineData("rjs_x", null)]
    public void Tokens_are_read_from_the_scheme_Bearer(string header, string? expected) =>
        Assert.Equal(expected, TokenText.TryReadBearer(header, out var token) ? token.ToString() : null);

    [Fact]
    public async Task Health_says_when_the_database_cannot_be_reached()
    {
        await using var nowhere = new ServiceDatabase(options with { AdminConnection = "Host=/tmp/there-is-no-server-here;Username=postgres" }, IngressDb.Name);
        var report = await new HealthChecks(nowhere, [new("functions", _ => Task.FromResult("ok"))], TimeProvider.System).Report();

        Assert.False(report.CanServe);
        Assert.Equal("unavailable", report.Status);
        Assert.Equal("unavailable", report.Capabilities["jobs"]);
        Assert.Equal("ok", report.Capabilities["functions"]);
    }

    [Fact]
    public async Task Health_is_asked_for_once_a_second()
    {
        var asked = 0;
        var checks = new HealthChecks(database, [new("functions", _ => Task.FromResult(asked++ == 0 ? "ok" : "starting"))], time);

        Assert.Equal("ok", (await checks.Report()).Status);
        Assert.Equal("ok", (await checks.Report()).Status);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("degraded", (await checks.Report()).Status);
        Assert.Equal(2, asked);
    }

    [Theory]
    [InlineData(true, "ok", "ok", "ok")]
    [InlineData(true, "ok", "starting", "degraded")]
    [InlineData(true, "ok", "unavailable", "degraded")]
    [InlineData(true, "no scheduler", "ok", "degraded")]
    [InlineData(true, "unavailable", "ok", "unavailable")]
    [InlineData(false, "ok", "ok", "unavailable")]
    public void Health_is_the_worst_of_what_jobs_need(bool database, string jobs, string functions, string expected) =>
        Assert.Equal(expected, HealthReport.Of(database, [("jobs", jobs), ("functions", functions)]).Status);

    ServiceTokens AnotherProcess() => new(database, new(time), new IdSource(time), time);

    static Task<Hosting.Identity.Caller?> Caller(ServiceTokens tokens, string token) => tokens.CallerOf(TokenText.Hash(token), default).AsTask();
}
