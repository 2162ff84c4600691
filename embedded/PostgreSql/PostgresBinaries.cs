using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;

namespace ReactorJobs.Embedded.PostgreSql;

/// <summary>The programs of one PostgreSQL version.</summary>
/// <param name="Folder">Holds <c>postgres</c> and <c>initdb</c>.</param>
/// <param name="Version">The major version, as PG_VERSION has it.</param>
/// <param name="Environment">What the programs need to find their libraries.</param>
sealed partial record PostgresBinaries(string Folder, string Version, IReadOnlyDictionary<string, string> Environment)
{
    // The oldest version that still gets fixes and has all our settings.
    const int Oldest = 14;

    public string Postgres => Path.Combine(Folder, "postgres");
    public string InitDb => Path.Combine(Folder, "initdb");

    /// <summary>
    /// The setting's folder if there is one; otherwise the PATH, the system's usual folders and what was fetched before, the cluster's own
    /// version first; and if nothing fits, the npm package.
    /// </summary>
    /// <param name="setting">The folder that was set, or null.</param>
    /// <param name="clusterVersion">The version in PG_VERSION, or null for a new cluster.</param>
    [UnsupportedOSPlatform("windows")]
    public static async Task<PostgresBinaries> Find(string? setting, string? clusterVersion, IProgress<string> progress, CancellationToken ct)
    {
        if (!string.IsNullOrWhiteSpace(setting)) return await FromSetting(setting, clusterVersion, ct);

        var found = new List<PostgresBinaries>();
        foreach (var folder in InstalledFolders().Append(PostgresPackage.BinFolder).Distinct())
        {
            if (await Probe(folder, ct) is not { } binaries) continue;
            if (binaries.Version == clusterVersion || (clusterVersion is null && IsSupported(binaries.Version))) return binaries;
            found.Add(binaries);
        }

        if (clusterVersion is null or PostgresPackage.MajorVersion)
        {
            await PostgresPackage.Fetch(progress, ct);
            return await Probe(PostgresPackage.BinFolder, ct)
                ?? throw new PostgresUnavailable(
                    $"The fetched PostgreSQL in {PostgresPackage.BinFolder} does not run here: install PostgreSQL {Oldest} or later " +
                    $"(Debian: apt install postgresql), or set {PostgresOptions.BinFolderSetting}.");
        }

        var versions = found.Count == 0 ? "none" : string.Join(", ", found.Select(binaries => $"{binaries.Version} in {binaries.Folder}"));
        throw new PostgresUnavailable(
            $"The data folder was written by PostgreSQL {clusterVersion}, and its binaries are not here (found: {versions}): " +
            $"install PostgreSQL {clusterVersion}, or set {PostgresOptions.BinFolderSetting} to its bin folder.");
    }

    [UnsupportedOSPlatform("windows")]
    static async Task<PostgresBinaries> FromSetting(string setting, string? clusterVersion, CancellationToken ct)
    {
        var binaries = await Probe(setting, ct) ?? throw new PostgresUnavailable(
            $"{PostgresOptions.BinFolderSetting} is \"{setting}\", which has no postgres and initdb that run: " +
            "set it to the bin folder of a PostgreSQL installation (such as /usr/lib/postgresql/15/bin), or remove it to have one found.");
        if (clusterVersion is not null && clusterVersion != binaries.Version)
            throw new PostgresUnavailable(
                $"{PostgresOptions.BinFolderSetting} is \"{setting}\", which is PostgreSQL {binaries.Version}, but the data folder was written by " +
                $"PostgreSQL {clusterVersion}: set it to that version's bin folder, or remove it to have one found.");
        if (!IsSupported(binaries.Version))
            throw new PostgresUnavailable(
                $"{PostgresOptions.BinFolderSetting} is \"{setting}\", which is PostgreSQL {binaries.Version}: version {Oldest} or later is needed.");
        return binaries;
    }

    static bool IsSupported(string version) => int.TryParse(version, CultureInfo.InvariantCulture, out var major) && major >= Oldest;

    static IEnumerable<string> InstalledFolders()
    {
        foreach (var folder in Tool.PathFolders()) yield return folder;

        // Debian, Red Hat, Homebrew; each keeps its versions side by side, off the PATH. Newest first, for a new cluster.
        string[] patterns =
        [
            "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
        ];
        foreach (var pattern in patterns)
        {
            var versions = Path.GetDirectoryName(pattern)!;
            var parent = Path.GetDirectoryName(versions)!;
            if (!Directory.Exists(parent)) continue;
            foreach (var folder in Directory.GetDirectories(parent, Path.GetFileName(versions))
                .OrderByDescending(folder => DigitsAtEnd().Match(folder).Value.PadLeft(3, '0'), StringComparer.Ordinal))
                yield return Path.Combine(folder, "bin");
        }
    }

    /// <summary>Null if the folder has no programs that run.</summary>
    [UnsupportedOSPlatform("windows")]
    static async Task<PostgresBinaries?> Probe(string folder, CancellationToken ct)
    {
        var postgres = Path.Combine(folder, "postgres");
        if (!File.Exists(postgres)) return null;

        // A link on the PATH may stand alone; initdb and the shared files are beside what it points to.
        var target = File.ResolveLinkTarget(postgres, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(postgres);
        folder = Path.GetDirectoryName(target)!;
        if (!IsExecutable(target) || !IsExecutable(Path.Combine(folder, "initdb"))) return null;

        // The npm package brings its libraries in a folder that the loader does not know.
        var libraries = Path.Combine(Path.GetDirectoryName(folder)!, "lib");
        var environment = folder == PostgresPackage.BinFolder
            ? new Dictionary<string, string> { [OperatingSystem.IsMacOS() ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH"] = libraries }
            : [];
        var result = await Tool.Run([target, "--version"], environment, ct);
        var version = MajorVersion().Match(result.Output);
        return result.Succeeded && version.Success ? new(folder, version.Groups[1].Value, environment) : null;
    }

    [UnsupportedOSPlatform("windows")]
    static bool IsExecutable(string file) =>
        File.Exists(file) && (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    // "postgres (PostgreSQL) 15.13 (Debian ...)"; "18beta1" of a preview.
    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex MajorVersion();

    [GeneratedRegex(@"\d+$")]
    private static partial Regex DigitsAtEnd();
}
