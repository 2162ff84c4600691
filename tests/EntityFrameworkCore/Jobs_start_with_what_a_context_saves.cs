using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Reactor.Jobs.EntityFrameworkCore;
using ReactorJobs.Contracts;

namespace ReactorJobs.Tests.EntityFrameworkCore;

public sealed class Jobs_start_with_what_a_context_saves(Shop shop) : IClassFixture<Shop>
{
    [Fact]
    public async Task In_the_transaction_of_SaveChanges_and_once()
    {
        await using var db = shop.Open();
        db.Orders.Add(new() { Id = 1 });
        var run = db.TriggerJob("plain-order", new { OrderId = 1, Total = 1.50m });
        var emitted = db.EmitEvent("plain.created", new { orderId = 1 });
        Assert.Empty(await shop.Calls("plain"));

        await db.SaveChangesAsync();
        await db.SaveChangesAsync();
        db.Orders.Add(new() { Id = 2 });
        db.SaveChanges();

        Assert.Equal(
            [$"run {run} plain-order {{\"total\": 1.50, \"orderId\": 1}}", $"event {emitted} plain.created {{\"orderId\": 1}}"],
            (await shop.Calls("plain")).Order(StringComparer.Ordinal).Reverse());
        Assert.True(RunId.TryParse(run, out var id) && EventId.TryParse(emitted, out _));
        Assert.InRange(TimeProvider.System.GetUtcNow() - Ulid.TimeOf(id.Value), TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Nothing_is_sent_when_saving_fails_or_the_transaction_is_rolled_back()
    {
        await using (var db = shop.Open())
        {
            db.AddRange(new Order { Id = 10 });
            await db.SaveChangesAsync();
        }

        await using (var db = shop.Open())
        {
            db.Orders.Add(new() { Id = 10 });
            db.TriggerJob("undone", 1);
            await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
        }

        await using (var db = shop.Open())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            db.TriggerJob("undone", 2);
            await db.SaveChangesAsync();
            await transaction.RollbackAsync();
        }

        await using (var db = shop.Open())
        {
            db.TriggerJob("undone", 3);
            db.ChangeTracker.Clear();
            await db.SaveChangesAsync();
        }

        Assert.Empty(await shop.Calls("undone"));
    }

    [Fact]
    public async Task In_a_transaction_of_the_callers_that_several_contexts_share()
    {
        await using var connection = await shop.Source("shop").OpenConnectionAsync();
        await using var one = shop.Open(x => x.UseNpgsql(connection));
        await using var other = shop.Open(x => x.UseNpgsql(connection));
        await using var transaction = await one.Database.BeginTransactionAsync();
        await other.Database.UseTransactionAsync(Microsoft.EntityFrameworkCore.Storage.DbContextTransactionExtensions.GetDbTransaction(transaction));
        var first = one.TriggerJob("shared-1", 1);
        await one.SaveChangesAsync();
        var second = other.TriggerJob("shared-2", 2);
        await other.SaveChangesAsync();
        Assert.Empty(await shop.Calls("shared"));

        await transaction.CommitAsync();
        Assert.Equal([$"run {first} shared-1 1", $"run {second} shared-2 2"], await shop.Calls("shared"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Under_the_same_ids_when_a_strategy_tries_again(bool isCommittedAlready)
    {
        var commit = new FailingCommit(isCommittedAlready);
        var name = $"retried-{isCommittedAlready}";
        await using var db = shop.Open(x => x.AddInterceptors(commit), retries: true);
        var run = db.TriggerJob(name, 1);
        db.EmitEvent(name, 1, "evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D");
        await db.SaveChangesAsync();

        Assert.Equal(2, commit.Failures);
        // The same run again is the same run, and the same event the same event: what takes the calls up looks at their ids.
        Assert.Equal(
            [$"event evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D {name} 1", $"run {run} {name} 1"], (await shop.Calls(name)).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_the_options_that_it_was_given()
    {
        await using var db = shop.Open();
        var at = new DateTimeOffset(2030, 1, 31, 10, 0, 0, TimeSpan.FromHours(1));
        db.TriggerJob<object?>("optional-1", null, new() { RunAt = at, Priority = -7, Timeout = TimeSpan.FromSeconds(90), IdempotencyKey = "key" });
        db.TriggerJob("optional-2", "text", new() { Delay = TimeSpan.FromMinutes(2) });
        await db.SaveChangesAsync();

        Assert.Equal("null 2030-01-31 09:00:00 -7 90000 key", await shop.Scalar(
            "select format('%s %s %s %s %s', payload, run_at at time zone 'UTC', priority, timeout_ms, idempotency_key) from reactor_jobs.request where name = 'optional-1'"));
        Assert.Equal("\"text\" 120 0", await shop.Scalar(
            "select format('%s %s %s', payload, round(extract(epoch from run_at - made_at)), priority) from reactor_jobs.request where name = 'optional-2'"));

        await using var again = shop.Open();
        again.TriggerJob("optional-1", 7, new() { IdempotencyKey = "key" });
        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => again.SaveChangesAsync());
        Assert.Equal("options.idempotency_key", Assert.IsType<PostgresException>(refused.InnerException).ColumnName);
    }

    [Fact]
    public async Task By_the_clock_of_the_application()
    {
        var clock = new StandingClock(new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero));
        await using var services = new ServiceCollection().AddSingleton<TimeProvider>(clock).BuildServiceProvider();
        await using var db = shop.Open(x => x.UseApplicationServiceProvider(services));
        Assert.True(RunId.TryParse(db.TriggerJob("timed", 1), out var id));
        Assert.Equal(clock.GetUtcNow(), Ulid.TimeOf(id.Value));
    }

    [Fact]
    public async Task Mistakes_are_told_at_the_call()
    {
        await using var unconfigured = new UnconfiguredContext(new DbContextOptionsBuilder<UnconfiguredContext>().UseNpgsql("Host=nowhere").Options);
        Assert.Equal(
            "UnconfiguredContext cannot start jobs or emit events yet: call modelBuilder.UseReactorJobs() in its DbContext.OnModelCreating.",
            Assert.Throws<InvalidOperationException>(() => unconfigured.TriggerJob("j", 1)).Message);

        await using var db = shop.Open();
        Assert.Throws<ArgumentException>(() => db.TriggerJob(" ", 1));
        Assert.Throws<ArgumentException>(() => db.EmitEvent("t", 1, ""));
        foreach (var wrong in (JobOptions[])
            [
                new() { RunAt = default(DateTimeOffset), Delay = TimeSpan.Zero }, new() { Delay = TimeSpan.FromTicks(-1) }, new() { Delay = TimeSpan.FromDays(36_526) },
                new() { Priority = 101 }, new() { Timeout = TimeSpan.Zero }, new() { IdempotencyKey = "" }, new() { IdempotencyKey = new('k', 257) },
            ])
            Assert.StartsWith("JobOptions.", Assert.Throws<ArgumentException>(() => db.TriggerJob("j", 1, wrong)).Message, StringComparison.Ordinal);
        Assert.Empty(db.ChangeTracker.Entries());
    }

    [Theory]
    [InlineData("shop", "not a name", PostgresErrorCodes.InvalidParameterValue, "job")]
    [InlineData("stranger", "fine", PostgresErrorCodes.InsufficientPrivilege, null)]
    public async Task What_the_database_refuses_fails_all_that_is_saved(string role, string job, string code, string? field)
    {
        await using var source = shop.Source(role);
        await using var db = shop.Open(source: source);
        db.Orders.Add(new() { Id = 20 });
        db.TriggerJob(job, 1);
        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
        var inner = Assert.IsType<PostgresException>(refused.InnerException);
        Assert.Equal((code, field), (inner.SqlState, inner.ColumnName));
        Assert.Equal(0L, await shop.Scalar("select count(*) from \"Orders\" where \"Id\" = 20"));
    }

    sealed class StandingClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
