using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using Reactor.Jobs.EntityFrameworkCore;
using ReactorJobs.Events;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Tests.EntityFrameworkCore;

sealed class Order
{
    public int Id { get; set; }

    public string? Customer { get; set; }
}

/// <summary>The context of an application that keeps its orders beside the suite.</summary>
class ShopContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.UseReactorJobs();
}

/// <summary>One that has forgotten something.</summary>
sealed class UnconfiguredContext(DbContextOptions options) : DbContext(options);

/// <summary>The suite's database with an application's role and table in it; nothing takes up what is called, so that it can be looked at.</summary>
public sealed class Shop : IAsyncLifetime
{
    readonly PostgresServer server = new();
    DatabaseOptions options = null!;
    NpgsqlDataSource application = null!;

    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        options = server.NewDatabase();
        await DatabaseSetup.CreateDatabase(options, default);
        await new EventsModule().Migrate(options, default);
        await AsOwner("""
            create role shop login; create role stranger login; create table "Orders" ("Id" int primary key, "Customer" text); grant all on "Orders" to shop, stranger;
            select reactor_jobs.grant_org('shop', 'acme')
            """);
        application = Source("shop");
    }

    public async Task DisposeAsync()
    {
        await application.DisposeAsync();
        await server.DisposeAsync();
    }

    public NpgsqlDataSource Source(string role) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.AdminConnection) { Database = options.Database, Username = role }.ConnectionString);

    internal ShopContext Open(Action<DbContextOptionsBuilder>? configure = null, NpgsqlDataSource? source = null, bool retries = false)
    {
        var builder = new DbContextOptionsBuilder<ShopContext>().UseNpgsql(source ?? application, npgsql =>
        {
            if (retries)
                npgsql.EnableRetryOnFailure(3, TimeSpan.FromMilliseconds(1), null);
        });
        configure?.Invoke(builder);
        return new(builder.Options);
    }

    public async Task AsOwner(string sql)
    {
        await using var connection = options.ConnectAdmin(options.Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The calls that are committed, of those whose name begins so: kind, id, name and payload.</summary>
    public async Task<string[]> Calls(string name)
    {
        await using var connection = options.ConnectAdmin(options.Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            select coalesce(array_agg(format('%s %s %s %s', kind, id, name, payload) order by position), '{}')
            from reactor_jobs.request where name like $1 || '%'
            """, connection)
        {
            Parameters = { new() { Value = name } },
        };
        return (string[])(await command.ExecuteScalarAsync())!;
    }

    public async Task<object?> Scalar(string sql)
    {
        await using var connection = options.ConnectAdmin(options.Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}

/// <summary>Fails the commit of the first transaction: before it is made, or after, when only the answer is lost.</summary>
sealed class FailingCommit(bool isMade) : DbTransactionInterceptor
{
    public int Failures { get; private set; }

    public override async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (Failures++ > 0)
            return result;
        if (isMade)
            await transaction.CommitAsync(cancellationToken);
        throw new NpgsqlException("The connection broke.", new IOException());
    }
}
