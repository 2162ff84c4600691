using System.Runtime.Versioning;

namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>The program that starts a RabbitMQ.</summary>
/// <param name="Server">The full path of <c>rabbitmq-server</c>, beside the scripts that it includes.</param>
sealed record RabbitMqBinaries(string Server)
{
    const string Program = "rabbitmq-server";

    // Homebrew's, and where RabbitMQ's own archive is usually unpacked.
    static readonly string[] UsualFolders = ["/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin", "/opt/rabbitmq/sbin"];

    /// <exception cref="BrokerUnavailable">It is not installed, or the setting names another folder.</exception>
    [UnsupportedOSPlatform("windows")]
    public static RabbitMqBinaries Find(string? setting) => Find(setting, Tool.PathFolders().Concat(Versions("/usr/lib/rabbitmq/lib")).Concat(UsualFolders));

    /// <param name="folders">Where it may be, the preferred one first.</param>
    [UnsupportedOSPlatform("windows")]
    public static RabbitMqBinaries Find(string? setting, IEnumerable<string> folders)
    {
        var found = string.IsNullOrWhiteSpace(setting)
            ? folders.Select(Probe).FirstOrDefault(server => server is not null) ?? throw new BrokerUnavailable(
                "RabbitMQ is not installed: run scripts/setup suite, or install the package rabbitmq-server (Debian: apt install rabbitmq-server).")
            : Probe(setting) ?? throw new BrokerUnavailable(
                $"{RabbitMqOptions.BinFolderSetting} is \"{setting}\", which has no {Program} beside its rabbitmq-env: " +
                "set it to the sbin folder of a RabbitMQ installation (such as /usr/lib/rabbitmq/lib/rabbitmq_server-3.10.8/sbin), or remove it to have one found.");
        if (Tool.Find("erl") is null)
            throw new BrokerUnavailable($"RabbitMQ is in {Path.GetDirectoryName(found)}, but Erlang is missing: install it (Debian: apt install erlang-base) and put erl on the PATH.");
        return new(found);
    }

    /// <summary>The newest first.</summary>
    public static IEnumerable<string> Versions(string folder)
    {
        const string prefix = "rabbitmq_server-";
        return Directory.Exists(folder)
            ? Directory.GetDirectories(folder, prefix + "*")
                .OrderByDescending(version => Version.TryParse(Path.GetFileName(version)[prefix.Length..], out var parsed) ? parsed : new Version())
                .Select(version => Path.Combine(version, "sbin"))
            : [];
    }

    /// <summary>
    /// The program that a folder's <c>rabbitmq-server</c> really is. Debian's on the PATH is a wrapper for the one server of the system, which runs
    /// as a user of its own; it has no <c>rabbitmq-env</c> beside it.
    /// </summary>
    [UnsupportedOSPlatform("windows")]
    static string? Probe(string folder)
    {
        var named = Path.Combine(folder, Program);
        if (!File.Exists(named)) return null;
        var server = File.ResolveLinkTarget(named, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(named);
        var executable = (File.GetUnixFileMode(server) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
        return executable && Path.GetFileName(server) == Program && File.Exists(Path.Combine(Path.GetDirectoryName(server)!, "rabbitmq-env")) ? server : null;
    }
}
