using Npgsql;

namespace ReactorJobs.Hosting.Database;

/// <summary>
/// Where the truth is. <paramref name="AdminConnection"/> may create roles, schemas and tables; the services themselves connect as roles
/// that own nothing, so that row-level security binds them.
/// </summary>
/// <param name="Password">Of the services' roles; null where the server trusts the connection (the private PostgreSQL's socket).</param>
public sealed record DatabaseOptions(string AdminConnection, string Database = "reactor", string? Password = null)
{
    public const string Owner = "reactor_owner";

    public static string ServiceRole(string schema) => "reactor_" + schema;

    /// <summary>Reads across orgs to find what has stalled; may change nothing.</summary>
    public static string SweepRole(string schema) => ServiceRole(schema) + "_sweep";

    public string ConnectionFor(string role, string schema, int maxConnections) => new NpgsqlConnectionStringBuilder(PrimaryOf(AdminConnection))
    {
        Username = role,
        Password = Password,
        Database = Database,
        SearchPath = schema,
        MaxPoolSize = maxConnections,
        MaxAutoPrepare = 200,
        AutoPrepareMinUsages = 2,
        NoResetOnClose = true,
        ApplicationName = role,
        // Every query here has its index and a group's arrays are small: plan once, and never by a table that was empty at the time.
        Options = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off",
    }.ConnectionString;

    /// <summary>With several hosts, the one that takes writes.</summary>
    static string PrimaryOf(string connection) => new NpgsqlConnectionStringBuilder(connection) is { Host: { } host } builder && host.Contains(',')
        ? new NpgsqlConnectionStringBuilder(connection) { TargetSessionAttributes = builder.TargetSessionAttributes ?? "primary" }.ConnectionString
        : connection;
}
