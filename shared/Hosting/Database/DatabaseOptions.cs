using System.Globalization;
using Npgsql;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Hosting.Database;

/// <summary>
/// Where the truth is. <paramref name="AdminConnection"/> may create roles, schemas and tables; the services themselves connect as roles
/// that own nothing, so that row-level security binds them.
/// </summary>
/// <param name="Password">Of the services' roles; null where the server trusts the connection (the private PostgreSQL's socket).</param>
public sealed record DatabaseOptions(string AdminConnection, string Database = "reactor", string? Password = null)
{
    public const string Owner = "reactor_owner";

    /// <summary>The schema of views for operators, and the role that may read them: whoever is granted it.</summary>
    public const string Views = "_reactor_jobs";
    public const string Reader = "reactor_reader";

    /// <summary>The schema of functions that applications call in their own transactions.</summary>
    public const string Calls = "reactor_jobs";

    public static string ServiceRole(string schema) => "reactor_" + schema;

    /// <summary>Reads across orgs to find what has stalled; may change nothing.</summary>
    public static string SweepRole(string schema) => ServiceRole(schema) + "_sweep";

    /// <summary>
    /// How long a process may stand still in the middle of a transaction before the server ends it: its locks would keep the others of its kind
    /// from going on without it.
    /// </summary>
    public TimeSpan StandstillLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections of a service's role, to the server that takes writes.</summary>
    public NpgsqlDataSource Connect(string role, string schema, int maxConnections)
    {
        var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(ToPrimary(AdminConnection))
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
            // Seconds, to connect or to wait for a connection of the pool: callers are told within five that the database is away.
            Timeout = 2,
            // Every query here has its index and a group's arrays are small: plan once, and never by a table that was empty at the time.
            Options = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off "
                + string.Create(CultureInfo.InvariantCulture, $"-c idle_in_transaction_session_timeout={(int)StandstillLimit.TotalMilliseconds}"),
        }.ConnectionString);
        if (builder.ConnectionStringBuilder.Host is { } host && !host.StartsWith('/'))
        {
            // A machine that is gone says nothing.
            builder.ConnectionStringBuilder.TcpKeepAlive = true;
            builder.ConnectionStringBuilder.TcpKeepAliveTime = 5;
            builder.ConnectionStringBuilder.TcpKeepAliveInterval = 1;
        }

        if (!IsOfSeveral(builder.ConnectionStringBuilder))
            builder.UsePhysicalConnectionInitializer(RefuseReadOnly, RefuseReadOnlyAsync);
        return builder.Build();
    }

    /// <summary>For a user who may create roles, schemas and tables, to the server that takes writes.</summary>
    /// <param name="database">Null is the one that the connection names.</param>
    public NpgsqlConnection ConnectAdmin(string? database = null, string? schema = null)
    {
        var connection = new NpgsqlConnectionStringBuilder(ToPrimary(AdminConnection)) { Pooling = false, Timeout = 5 };
        if (database is not null)
            connection.Database = database;
        if (schema is not null)
            connection.SearchPath = schema;
        return new(connection.ConnectionString);
    }

    /// <summary>With several hosts, the driver looks for the one that takes writes, and notices within a second that it is another one.</summary>
    static string ToPrimary(string connection)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection);
        if (IsOfSeveral(builder))
        {
            builder.TargetSessionAttributes = "read-write";
            builder.HostRecheckSeconds = 1;
        }

        return builder.ConnectionString;
    }

    static bool IsOfSeveral(NpgsqlConnectionStringBuilder connection) => connection.Host?.Contains(',') == true;

    const string IsReadOnly = "select current_setting('transaction_read_only') = 'on'";

    // Behind one name there may be a standby for a moment, while it takes over: no connection to it may stay in the pool.
    static void RefuseReadOnly(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(IsReadOnly, connection);
        Refuse(command.ExecuteScalar());
    }

    static async Task RefuseReadOnlyAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(IsReadOnly, connection);
        Refuse(await command.ExecuteScalarAsync());
    }

    static void Refuse(object? isReadOnly)
    {
        if (isReadOnly is true)
            throw new StoreUnavailable("The database takes no writes: it is a standby, or set to read only.");
    }
}
