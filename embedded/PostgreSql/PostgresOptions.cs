namespace ReactorJobs.Embedded.PostgreSql;

/// <summary>How the embedded host runs its private PostgreSQL.</summary>
/// <param name="DataFolder">The host's data folder. It is made with mode 700 when missing; the cluster is its subfolder <c>postgres</c>,
/// the server's log <c>logs/postgres.log</c>, and <c>host.lock</c> is held by the host that owns it.</param>
/// <param name="BinFolder">The folder with <c>postgres</c> and <c>initdb</c>; null looks for them on the PATH, in the system's usual folders,
/// and fetches them from npm at last.</param>
/// <param name="MaxConnections">Connections for everything in the host, 10 to 10000.</param>
/// <param name="Settings">Further lines of postgresql.conf, which win over ours. What keeps data safe and private cannot be set here.</param>
public sealed record PostgresOptions(
    string DataFolder,
    string? BinFolder,
    int MaxConnections = 100,
    IReadOnlyDictionary<string, string>? Settings = null)
{
    /// <summary>What messages call <see cref="BinFolder"/>.</summary>
    public const string BinFolderSetting = "Postgres:BinFolder";

    /// <summary>What messages call <see cref="MaxConnections"/>.</summary>
    public const string MaxConnectionsSetting = "Postgres:MaxConnections";

    /// <summary>What messages call <see cref="Settings"/>.</summary>
    public const string SettingsSetting = "Postgres:Settings";
}

/// <summary>The private PostgreSQL cannot run. The message is one line: what is wrong, and what to do about it.</summary>
public sealed class PostgresUnavailable : Exception
{
    public PostgresUnavailable(string message) : base(message)
    {
    }

    public PostgresUnavailable(string message, Exception cause) : base(message, cause)
    {
    }
}
