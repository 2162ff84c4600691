using System.Globalization;
using Npgsql;
using ReactorJobs.Embedded.PostgreSql;

namespace ReactorJobs.Tests.Embedded;

/// <summary>A data folder for one test of a private PostgreSQL.</summary>
public class PrivatePostgresFixture : DataFolderFixture
{
    protected string Cluster => Path.Combine(DataFolder, "postgres");

    protected Task<PrivatePostgres> Start(
        string? dataFolder = null, string? binFolder = null, IReadOnlyDictionary<string, string>? settings = null) =>
        PrivatePostgres.Start(new(dataFolder ?? DataFolder, binFolder, Settings: settings), TimeProvider.System, Progress, default)
            .WaitAsync(Limit);

    protected async Task<PostgresUnavailable> StartFails(string? binFolder = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        var failure = await Assert.ThrowsAsync<PostgresUnavailable>(() => Start(binFolder: binFolder, settings: settings));
        Assert.DoesNotContain('\n', failure.Message);
        return failure;
    }

    protected static async Task<string> Query(PrivatePostgres postgres, string sql)
    {
        await using var connection = await Connect(postgres);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) ?? "";
    }

    protected static async Task<NpgsqlConnection> Connect(PrivatePostgres postgres)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
