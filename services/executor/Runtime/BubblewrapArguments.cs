using System.Globalization;

namespace ReactorJobs.Executor.Runtime;

/// <summary>The command line that starts a program in its sandbox.</summary>
static class BubblewrapArguments
{
    const int InnerUid = 1000;
    static readonly string[] SystemFolders = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

    // Names, name resolution and certificates; nothing that tells who else is on the machine.
    static readonly string[] Settings =
    [
        "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ca-certificates", "/etc/pki/tls/certs", "/etc/localtime",
        "/etc/ld.so.cache",
    ];

    /// <param name="folder">This process's own, with its <c>passwd</c> and <c>group</c>.</param>
    /// <param name="uid">The uid that the program gets, where it gets one of its own.</param>
    public static List<string> Build(SandboxMode mode, SandboxCommand command, string folder, int? uid)
    {
        var tmp = command.Limits.TmpBytes.ToString(CultureInfo.InvariantCulture);
        // As process 1, so that /proc/1/environ is the program's own and not this process's.
        List<string> line = [mode.Bubblewrap!, "--as-pid-1", "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"];
        if (!command.Network)
            line.Add("--unshare-net");
        if (mode.UserNamespace)
            line.AddRange(["--unshare-user", "--disable-userns", "--uid", Text(InnerUid), "--gid", Text(InnerUid)]);
        line.AddRange(["--hostname", "function", "--ro-bind", "/usr", "/usr"]);
        foreach (var system in SystemFolders)
            line.AddRange(System(system));
        line.AddRange(["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", tmp, "--tmpfs", "/dev/shm", "--perms", "1777", "--size", tmp, "--tmpfs", "/tmp"]);

        var made = new HashSet<string>();
        Parents(line, made, "/etc/passwd");
        foreach (var setting in Settings)
            if (Real(setting) is { } source)
            {
                Parents(line, made, setting);
                line.AddRange(["--ro-bind", source, setting]);
            }

        line.AddRange(["--ro-bind", Path.Combine(folder, "passwd"), "/etc/passwd", "--ro-bind", Path.Combine(folder, "group"), "/etc/group"]);
        foreach (var mount in command.Mounts)
        {
            Parents(line, made, mount.Target);
            line.AddRange([mount.Writable ? "--bind" : "--ro-bind", mount.Source, mount.Target]);
        }

        // What bubblewrap has made of memory has no limit of its own.
        line.AddRange(["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", command.WorkingFolder, "--"]);
        line.AddRange(Limited(command.Limits, alone: true));
        if (uid is { } own)
            line.AddRange(["/usr/bin/setpriv", "--reuid", Text(own), "--regid", Text(own), "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig", "keep", "--"]);
        line.AddRange(command.Arguments);
        return line;
    }

    /// <summary>The limits that are set per process rather than for all of them together.</summary>
    /// <param name="alone">No other program runs as the same uid: the kernel counts processes by uid.</param>
    public static IEnumerable<string> Limited(SandboxLimits limits, bool alone)
    {
        yield return "/usr/bin/prlimit";
        yield return "--core=0";
        if (alone)
            yield return "--nproc=" + Text(limits.Processes);
        yield return "--nofile=" + Text(limits.OpenFiles);
        yield return "--fsize=" + limits.TmpBytes.ToString(CultureInfo.InvariantCulture);
        if (limits.CpuTime is { } cpu)
            yield return "--cpu=" + Text((int)Math.Ceiling(cpu.TotalSeconds));
    }

    /// <summary>The one user that there is inside.</summary>
    public static void WriteUser(string folder, int? uid)
    {
        var id = Text(uid ?? InnerUid);
        File.WriteAllText(Path.Combine(folder, "passwd"), $"function:x:{id}:{id}::/tmp:/usr/sbin/nologin\n");
        File.WriteAllText(Path.Combine(folder, "group"), $"function:x:{id}:\n");
    }

    static IEnumerable<string> System(string folder)
    {
        var info = new DirectoryInfo(folder);
        return !info.Exists ? [] : info.LinkTarget is { } target ? ["--symlink", target, folder] : ["--ro-bind", folder, folder];
    }

    static string? Real(string path)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return info.Exists ? (info.ResolveLinkTarget(returnFinalTarget: true) ?? info) is { Exists: true } real ? real.FullName : null : null;
    }

    /// <summary>Parents that bubblewrap makes by itself are open to root only.</summary>
    static void Parents(List<string> line, HashSet<string> made, string path)
    {
        var parent = Path.GetDirectoryName(path)!;
        if (parent == "/" || !made.Add(parent))
            return;
        Parents(line, made, parent);
        line.AddRange(["--perms", "0755", "--dir", parent]);
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
