using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>Where everything of one private RabbitMQ is, derived from the data folder alone, so that the next start finds it again.</summary>
sealed class BrokerFolder
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    BrokerFolder(string dataFolder) => DataFolder = dataFolder;

    public string DataFolder { get; }
    public string Path => System.IO.Path.Combine(DataFolder, "rabbitmq");
    public string LogFile => System.IO.Path.Combine(DataFolder, "logs", "rabbitmq.log");
    public string Configuration => System.IO.Path.Combine(Path, "rabbitmq.conf");
    public string AdvancedConfiguration => System.IO.Path.Combine(Path, "advanced.config");
    public string EnabledPlugins => System.IO.Path.Combine(Path, "enabled_plugins");

    public string Mnesia => System.IO.Path.Combine(Path, "mnesia");

    // Erlang looks for it in its home, and makes one that can be guessed where there is none.
    string Cookie => System.IO.Path.Combine(Path, ".erlang.cookie");

    string Definitions => System.IO.Path.Combine(Path, BrokerSettings.DefinitionsFile);

    /// <summary>
    /// Whether what the server was told is still there. Somebody may be deleting the folder when a server on it is started: that one could run on
    /// half of its files, with its defaults.
    /// </summary>
    public bool IsIntact => ((string[])[Configuration, AdvancedConfiguration, EnabledPlugins, Definitions, Cookie]).All(File.Exists);

    [UnsupportedOSPlatform("windows")]
    public static BrokerFolder Open(string dataFolder)
    {
        try
        {
            Directory.CreateDirectory(dataFolder, OwnerOnly);
            var folder = new BrokerFolder(Posix.RealPath(dataFolder));
            // It puts its folder between apostrophes when it asks the shell for the free space, and waits for the closing one.
            if (folder.DataFolder.Contains('\'', StringComparison.Ordinal))
                throw new BrokerUnavailable($"RabbitMQ cannot run in {folder.DataFolder}, which has an apostrophe in its name: give another data folder.");
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(folder.LogFile)!, OwnerOnly);
            return folder;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new BrokerUnavailable($"The data folder {dataFolder} cannot be used ({cause.Message}): give a folder that this user may write to.", cause);
        }
    }

    /// <summary>Writes what the server is told. Only for a folder on which nothing runs any more.</summary>
    [UnsupportedOSPlatform("windows")]
    public async Task Prepare(BrokerAddress address, IProgress<string> progress)
    {
        Directory.CreateDirectory(Path, OwnerOnly);
        if (LostLogs.IsAny(System.IO.Path.Combine(Mnesia, BrokerSettings.NodeName)))
        {
            progress.Report("RabbitMQ was killed before it had written down a new queue; it starts empty");
            Directory.Delete(Mnesia, recursive: true);
        }

        await PrivateFile.Write(Cookie, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        await PrivateFile.Write(Configuration, BrokerSettings.Configuration(address.Ports));
        await PrivateFile.Write(AdvancedConfiguration, "[].\n");
        await PrivateFile.Write(EnabledPlugins, BrokerSettings.EnabledPlugins);
        await PrivateFile.Write(Definitions, BrokerSettings.Definitions(address));
    }
}
