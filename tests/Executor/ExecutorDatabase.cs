using ReactorJobs.Executor;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Tests.Executor;

/// <summary>One migrated database for all tests that need one.</summary>
public sealed class ExecutorDatabase : IAsyncLifetime
{
    readonly PostgresServer server = new();

    public DatabaseOptions Options { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        Options = server.NewDatabase();
        await DatabaseSetup.CreateDatabase(Options, default);
        await new ExecutorModule().Migrate(Options, default);
    }

    public async Task DisposeAsync()
    {
        Npgsql.NpgsqlConnection.ClearAllPools();
        await server.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class WithPostgres : ICollectionFixture<ExecutorDatabase>
{
    public const string Name = "postgres";
}
