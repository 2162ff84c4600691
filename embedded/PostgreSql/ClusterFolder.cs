using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ReactorJobs.Embedded.PostgreSql;

/// <summary>Where everything of one private PostgreSQL is, derived from the data folder alone, so that the next start finds it again.</summary>
sealed partial class ClusterFolder
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    ClusterFolder(string dataFolder)
    {
        DataFolder = dataFolder;
        // A socket's path has at most 107 bytes and the data folder may be deep, so the socket lives under a short name of its own.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder));
        SocketFolder = $"/tmp/reactor-pg-{Convert.ToHexStringLower(hash)[..16]}";
    }

    public string DataFolder { get; }
    public string SocketFolder { get; }
    public string Path => System.IO.Path.Combine(DataFolder, "postgres");
    public string LogFile => System.IO.Path.Combine(DataFolder, "logs", "postgres.log");
    public string Socket => System.IO.Path.Combine(SocketFolder, ".s.PGSQL.5432");
    public string PidFile => System.IO.Path.Combine(Path, "postmaster.pid");

    /// <summary>initdb works here and the folder is renamed when it is complete, so that a killed initdb leaves no half cluster.</summary>
    public string Unfinished => System.IO.Path.Combine(DataFolder, "postgres.new");

    public bool IsInitialized => Directory.Exists(Path);

    [UnsupportedOSPlatform("windows")]
    public static ClusterFolder Open(string dataFolder)
    {
        try
        {
            Directory.CreateDirectory(dataFolder, OwnerOnly);
            var cluster = new ClusterFolder(Posix.RealPath(dataFolder));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(cluster.LogFile)!, OwnerOnly);
            return cluster;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new PostgresUnavailable(
                $"The data folder {dataFolder} cannot be used ({cause.Message}): give a folder that this user may write to.", cause);
        }
    }

    /// <summary>The major version that wrote the cluster, such as <c>15</c>, or null when there is none yet.</summary>
    public string? Version()
    {
        if (!IsInitialized) return null;
        var file = System.IO.Path.Combine(Path, "PG_VERSION");
        var text = File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        if (text is not null && VersionPattern().IsMatch(text)) return text;
        var found = text is null ? "has no PG_VERSION" : $"has a damaged PG_VERSION (\"{Printable(text)}\")";
        throw new PostgresUnavailable(
            $"{Path} {found}, so it is no PostgreSQL data folder: restore it from a backup, or move it away to start empty.");
    }

    [UnsupportedOSPlatform("windows")]
    public async Task Initialize(PostgresBinaries binaries, UnprivilegedStart unprivileged, CancellationToken ct)
    {
        if (Directory.Exists(Unfinished)) Directory.Delete(Unfinished, recursive: true);
        Directory.CreateDirectory(Unfinished, OwnerOnly);
        await unprivileged.HandOver(Unfinished, ct);

        // "trust" is safe: the server listens on nothing but a socket in a folder with mode 700.
        var result = await Tool.Run(
            [.. unprivileged.Prefix, binaries.InitDb, "-D", Unfinished, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"],
            binaries.Environment,
            ct);
        if (!result.Succeeded) throw StartFailure.Explain("The database could not be created", result.Output, this);
        Directory.Move(Unfinished, Path);
    }

    /// <summary>Writes the configuration and removes what the last server left. Only for a cluster on which nothing runs any more.</summary>
    [UnsupportedOSPlatform("windows")]
    public async Task Prepare(PostgresOptions options, UnprivilegedStart unprivileged, CancellationToken ct)
    {
        var configuration = System.IO.Path.Combine(Path, "postgresql.conf");
        var access = System.IO.Path.Combine(Path, "pg_hba.conf");
        await File.WriteAllTextAsync(configuration, PostgresSettings.Configuration(options), ct);
        await File.WriteAllTextAsync(access, PostgresSettings.Access, ct);

        // PostgreSQL takes any live process with the number in here for its predecessor and refuses to start.
        File.Delete(PidFile);

        // Made anew, not reused: a folder of this name could be somebody else's, /tmp is everybody's.
        try
        {
            if (File.Exists(SocketFolder) || new FileInfo(SocketFolder).LinkTarget is not null) File.Delete(SocketFolder);
            else if (Directory.Exists(SocketFolder)) Directory.Delete(SocketFolder, recursive: true);
            Directory.CreateDirectory(SocketFolder, OwnerOnly);
            File.SetUnixFileMode(SocketFolder, OwnerOnly);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new PostgresUnavailable(
                $"The socket folder {SocketFolder} cannot be made ({cause.Message}): remove it; it may belong to another user.", cause);
        }

        await unprivileged.HandOver(SocketFolder, ct);
        await unprivileged.HandOver(Path, ct);
        KeepLogSmall();
    }

    void KeepLogSmall()
    {
        const long limit = 10_000_000;
        if (File.Exists(LogFile) && new FileInfo(LogFile).Length > limit) File.Move(LogFile, LogFile + ".1", overwrite: true);
    }

    static string Printable(string text) => new(text.Take(40).Select(c => char.IsControl(c) ? '?' : c).ToArray());

    [GeneratedRegex(@"^\d{1,2}(\.\d{1,2})?\z")]
    private static partial Regex VersionPattern();
}
