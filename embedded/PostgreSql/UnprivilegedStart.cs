using System.Globalization;
using System.Runtime.Versioning;

namespace ReactorJobs.Embedded.PostgreSql;

/// <summary>
/// How PostgreSQL's programs are run, which refuse to run as root. A caller that is not root simply runs them. Root runs them
/// <list type="number">
/// <item>in a user namespace in which root is called "postgres" (or "nobody"): outside it is still root's files that are reached, whatever folder
/// they are in, but every privilege of root is gone;</item>
/// <item>where such a namespace is forbidden (some containers), as another user, if that one can reach the folder.</item>
/// </list>
/// </summary>
sealed class UnprivilegedStart
{
    readonly Account? owner;

    UnprivilegedStart(IReadOnlyList<string> prefix, Account? owner) => (Prefix, this.owner) = (prefix, owner);

    /// <summary>Comes before the program on the command line. It replaces itself by the program, so the process id stays the same.</summary>
    public IReadOnlyList<string> Prefix { get; }

    [UnsupportedOSPlatform("windows")]
    public static async Task<UnprivilegedStart> Choose(ClusterFolder cluster, PostgresBinaries binaries, CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess) return new([], null);

        var accounts = Account.ReadAll();
        // initdb looks up the name of its user, so the user inside the namespace must be one that exists.
        var known = accounts.Where(account => account.Name is "postgres" or "nobody").OrderByDescending(account => account.Name).ToList();
        var folderOwner = await OwnerOf(cluster.DataFolder, accounts, ct);
        var namespaces = known.Take(1).Select(account => new UnprivilegedStart(
            ["unshare", "--user", $"--map-user={account.UserId}", $"--map-group={account.GroupId}", "--"], null));
        var otherUsers = new[] { folderOwner }.OfType<Account>().Concat(known).Distinct().Select(As);

        // A cluster stays with the user that it belongs to.
        var clusterOwner = cluster.IsInitialized ? await OwnerOf(cluster.Path, accounts, ct) : null;
        IEnumerable<UnprivilegedStart> ways = clusterOwner is null ? [.. namespaces, .. otherUsers] : [As(clusterOwner)];

        var refusals = new List<string>();
        foreach (var way in ways)
        {
            var refusal = await way.Try(cluster, binaries, ct);
            if (refusal is not null && way.owner is not null && await way.MayPass(cluster, ct)) refusal = await way.Try(cluster, binaries, ct);
            if (refusal is null) return way;
            refusals.Add($"{way.Prefix[0]} {way.Prefix[1]}: {refusal}");
        }

        throw new PostgresUnavailable(
            $"PostgreSQL does not run as root, and no other way to run it on {cluster.DataFolder} works ({string.Join("; ", refusals)}): " +
            "start the host as an ordinary user, or give a data folder in a place that the user postgres can reach, such as /var/lib.");
    }

    /// <summary>Gives files that root made to the user that PostgreSQL runs as.</summary>
    public async Task HandOver(string path, CancellationToken ct)
    {
        if (owner is null) return;
        var result = await Tool.Run(["chown", "-R", $"{owner.UserId}:{owner.GroupId}", path], null, ct);
        if (!result.Succeeded) throw new PostgresUnavailable($"{path} cannot be given to the user {owner.Name}: {result.LastLine}");
    }

    /// <summary>
    /// Lets the user's group pass through (not list) the data folder, which root has most likely made for itself alone, to the cluster in it.
    /// Folders above are not ours to open.
    /// </summary>
    [UnsupportedOSPlatform("windows")]
    async Task<bool> MayPass(ClusterFolder cluster, CancellationToken ct)
    {
        var mode = File.GetUnixFileMode(cluster.DataFolder);
        if (mode.HasFlag(UnixFileMode.GroupExecute)) return false;
        var result = await Tool.Run(["chgrp", $"{owner!.GroupId}", cluster.DataFolder], null, ct);
        if (!result.Succeeded) return false;
        File.SetUnixFileMode(cluster.DataFolder, mode | UnixFileMode.GroupExecute);
        return true;
    }

    static UnprivilegedStart As(Account account) =>
        new(["setpriv", $"--reuid={account.UserId}", $"--regid={account.GroupId}", "--clear-groups", "--"], account);

    /// <summary>Null if a file can be made beside the cluster's and the binaries run, otherwise the reason.</summary>
    [UnsupportedOSPlatform("windows")]
    async Task<string?> Try(ClusterFolder cluster, PostgresBinaries binaries, CancellationToken ct)
    {
        if (Tool.Find(Prefix[0]) is null) return "not installed";
        var trial = Path.Combine(cluster.DataFolder, "postgres.trial");
        Directory.CreateDirectory(trial, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            await HandOver(trial, ct);
            var result = await Tool.Run(
                [.. Prefix, "sh", "-c", "cd \"$1\" && : > written && exec \"$2\" --version", "sh", trial, binaries.Postgres],
                binaries.Environment,
                ct);
            return result.Succeeded ? null : result.LastLine;
        }
        finally
        {
            Directory.Delete(trial, recursive: true);
        }
    }

    /// <summary>Null for root.</summary>
    static async Task<Account?> OwnerOf(string folder, IReadOnlyList<Account> accounts, CancellationToken ct)
    {
        var result = await Tool.Run(["stat", "-c", "%u %g", folder], null, ct);
        if (!result.Succeeded) throw new PostgresUnavailable($"The owner of {folder} cannot be read: {result.LastLine}");
        var ids = result.Output.Split(' ', StringSplitOptions.TrimEntries).Select(id => uint.Parse(id, CultureInfo.InvariantCulture)).ToArray();
        if (ids[0] == 0) return null;
        return accounts.FirstOrDefault(account => account.UserId == ids[0]) ?? new Account($"#{ids[0]}", ids[0], ids[1]);
    }

    sealed record Account(string Name, uint UserId, uint GroupId)
    {
        public static IReadOnlyList<Account> ReadAll() =>
            [.. File.ReadLines("/etc/passwd")
                .Select(line => line.Split(':'))
                .Where(fields => fields.Length >= 4)
                .Select(fields => new Account(
                    fields[0], uint.Parse(fields[2], CultureInfo.InvariantCulture), uint.Parse(fields[3], CultureInfo.InvariantCulture)))];
    }
}
