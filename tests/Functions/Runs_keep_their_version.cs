using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Retention;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Tests.Functions;

/// <summary>Semantics 11: a run is pinned to the version of its first claim.</summary>
[Collection(WithHost.Name)]
public sealed class Runs_keep_their_version(HostFixture fixture)
{
    readonly FunctionHost host = fixture.Host;

    async Task<int> Live(string org, string name, string text)
    {
        var version = await host.Deploy(org, name, text);
        await host.Promote(org, name);
        return version;
    }

    [Fact]
    public async Task The_first_claim_decides_and_a_promotion_changes_nothing()
    {
        await host.Create("pin", "f");
        var run = host.Ids.NewRun();
        Assert.Null(await host.Functions.Pins.Pin("pin", run, "none"));
        await host.Deploy("pin", "f", "not live yet");
        Assert.Null(await host.Functions.Pins.Pin("pin", run, "f"));

        await host.Promote("pin", "f");
        Assert.Equal(1, await host.Functions.Pins.Pin("pin", run, "f"));
        await Live("pin", "f", "two");
        Assert.Equal(1, await host.Functions.Pins.Pin("pin", run, "f"));
        Assert.Equal(2, await host.Functions.Pins.Pin("pin", host.Ids.NewRun(), "f"));
        Assert.Null(await host.Functions.Pins.Pin("another", run, "f"));
    }

    [Fact]
    public async Task Claims_and_promotions_at_once_leave_each_run_with_one_version()
    {
        await host.Create("pin", "busy");
        await Live("pin", "busy", "0");
        await Live("pin", "busy", "1");
        var runs = Enumerable.Range(0, 300).Select(_ => host.Ids.NewRun()).ToArray();
        // A second executor of the same functions.
        await using var other = new ReactorJobs.Executor.Functions.FunctionPins(host.Database, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var promotions = Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
                await host.Functions.Registry.Promote("pin", "busy", 1 + i % 2, default);
        });
        var pins = await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(i => runs.Select(async run =>
            (run, version: await (i % 2 == 0 ? host.Functions.Pins : other).Pin("pin", run, "busy")))));
        await promotions;
        foreach (var ofRun in pins.GroupBy(x => x.run))
            Assert.NotNull(Assert.Single(ofRun.Select(x => x.version).Distinct()));
        Assert.Equal(300, await Count("pin", "busy"));
    }

    [Fact]
    public async Task A_version_that_runs_hold_cannot_go_until_they_have_ended()
    {
        await host.Create("pin", "held");
        await Live("pin", "held", "one");
        var runs = new[] { host.Ids.NewRun(), host.Ids.NewRun(), host.Ids.NewRun() };
        foreach (var run in runs)
            await host.Functions.Pins.Pin("pin", run, "held");
        await Live("pin", "held", "two");

        var refused = await host.Delete("pin", "held/versions/1");
        Assert.Equal((409, "version_in_use"), (refused.Status, refused.Code));
        Assert.Contains("held by 3 runs", refused.Detail, StringComparison.Ordinal);
        Assert.Contains("held by 3 runs", (await host.Delete("pin", "held")).Detail, StringComparison.Ordinal);

        await host.Functions.Pins.Unpin("pin", runs[0]);
        await host.Functions.Pins.Unpin("pin", runs[0]);
        await host.Functions.Pins.Unpin("another", runs[1]);
        Assert.Contains("held by 2 runs", (await host.Delete("pin", "held/versions/1")).Detail, StringComparison.Ordinal);

        Assert.Equal(2, await new RunRetention(host.Database).Delete("pin", runs, default));
        Assert.Equal(204, (await host.Delete("pin", "held/versions/1")).Status);
    }

    /// <summary>A claim that has read the live version while it is taken down and deleted: the reference refuses it, and it is done again.</summary>
    [Fact]
    public async Task No_run_is_pinned_to_a_version_that_is_gone()
    {
        await host.Create("pin", "chased");
        await Live("pin", "chased", "0");
        var runs = new List<Task<int?>>();
        for (var i = 1; i <= 10; i++)
        {
            runs.AddRange(Enumerable.Range(0, 20).Select(_ => host.Functions.Pins.Pin("pin", host.Ids.NewRun(), "chased")));
            await Live("pin", "chased", $"{i}");
            await host.Delete("pin", $"chased/versions/{i}");
        }

        foreach (var version in await Task.WhenAll(runs))
            Assert.NotNull(version);
        Assert.Equal(0, await Count("pin", "chased", "and not exists (select from function_version v where v.org_id = p.org_id and v.name = p.name and v.version = p.version)"));
    }

    [Fact]
    public async Task Orgs_do_not_see_each_others_rows()
    {
        foreach (var org in new[] { "rls-a", "rls-b" })
        {
            await host.Create(org, "f");
            await Live(org, "f", org);
            await host.Functions.Pins.Pin(org, host.Ids.NewRun(), "f");
        }

        foreach (var table in new[] { "function", "function_version", "function_pin" })
        {
            Assert.Equal(1, await In("rls-b", $"select count(*) from {table}"));
            Assert.Equal(0, await In("rls-a", $"select count(*) from {table} where org_id <> 'rls-a'"));
            Assert.Equal(0, await In("rls-a", $"with gone as (delete from {table} where org_id = 'rls-b' returning 1) select count(*) from gone"));
        }

        var refused = await Assert.ThrowsAsync<PostgresException>(() => In("rls-a",
            "with added as (insert into function_pin values ('rls-b', gen_random_uuid(), 'f', 1) returning 1) select count(*) from added"));
        Assert.Equal("42501", refused.SqlState);
    }

    Task<long> Count(string org, string function, string and = "") => In(org, $"select count(*) from function_pin p where p.name = '{function}' {and}");

    Task<long> In(string org, string sql) => host.Database.InOrg(org, async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    });
}
