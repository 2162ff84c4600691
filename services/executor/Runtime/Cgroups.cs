using System.Diagnostics;
using System.Globalization;

namespace ReactorJobs.Executor.Runtime;

/// <summary>The control groups that this process may make, found by making one.</summary>
sealed class Cgroups
{
    const string Prefix = "reactor-functions-";
    static readonly string Mine = Prefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "-";
    const int CpuPeriodUs = 100_000;

    // The folder in which a process's group is made, by controller. In version 2 all three are the same one.
    readonly Dictionary<string, string> parents = [];
    readonly bool unified;
    readonly string name;

    Cgroups(bool unified, string name) => (this.unified, this.name) = (unified, name);

    public string Version => unified ? "cgroup v2" : "cgroup v1";

    public bool Bounds(string controller) => parents.ContainsKey(controller);

    /// <param name="root">Where control groups are mounted.</param>
    /// <param name="own">The text of <c>/proc/self/cgroup</c>.</param>
    /// <param name="name">Tells these groups from others of this process.</param>
    public static Cgroups Find(string root, string own, string name)
    {
        var two = new Cgroups(true, name);
        if (two.FindUnified(root, own))
            return two;
        var one = new Cgroups(false, name);
        one.FindSeparate(root, own);
        return one;
    }

    /// <summary>Ends and removes what executors left that were killed.</summary>
    public void RemoveLeftovers()
    {
        foreach (var folder in parents.Values.Distinct().SelectMany(x => Directory.EnumerateDirectories(x, Prefix + "*")))
        {
            var owner = Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
            if (Directory.Exists("/proc/" + owner))
                continue;
            var leftover = new Cgroup(new Dictionary<string, string> { ["any"] = folder }, unified);
            leftover.KillAll();
            leftover.Remove();
        }
    }

    bool FindUnified(string root, string own)
    {
        if (!File.Exists(Path.Combine(root, "cgroup.controllers")) || PathOf(own, "") is not { } path)
            return false;
        // A group that has processes can have no limited groups below it: then beside it.
        var here = Path.Combine(root, path.TrimStart('/'));
        foreach (var parent in new[] { here, Path.GetDirectoryName(here)! }.Where(x => x.StartsWith(root, StringComparison.Ordinal)))
            if (Try(() => File.WriteAllText(Path.Combine(parent, "cgroup.subtree_control"), "+memory +pids +cpu")) | MayLimit(parent, "memory.max"))
            {
                foreach (var (controller, file) in new[] { ("memory", "memory.max"), ("pids", "pids.max"), ("cpu", "cpu.max") })
                    if (MayLimit(parent, file))
                        parents[controller] = parent;
                if (parents.Count > 0)
                    return true;
            }

        return false;
    }

    void FindSeparate(string root, string own)
    {
        foreach (var (controller, file) in new[] { ("memory", "memory.limit_in_bytes"), ("pids", "pids.max"), ("cpu", "cpu.cfs_quota_us") })
            if (PathOf(own, controller) is { } path && Path.Combine(root, controller, path.TrimStart('/')) is var parent && MayLimit(parent, file))
                parents[controller] = parent;
    }

    /// <summary>The path of this process's group: lines are <c>number:controllers:path</c>.</summary>
    static string? PathOf(string own, string controller) => own.Split('\n').Select(x => x.Split(':', 3))
        .FirstOrDefault(x => x.Length == 3 && x[1].Split(',').Contains(controller))?[2];

    bool MayLimit(string parent, string file)
    {
        var probe = Path.Combine(parent, $"{Mine}{name}-probe");
        try
        {
            Directory.CreateDirectory(probe);
            using (File.OpenWrite(Path.Combine(probe, file)))
                return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            Try(() => Directory.Delete(probe));
        }
    }

    /// <summary>Groups for one process, with its limits. Empty where none can be made.</summary>
    public Cgroup Create(int number, SandboxLimits limits)
    {
        var folders = new Dictionary<string, string>();
        foreach (var (controller, parent) in parents)
        {
            var folder = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"{Mine}{name}-{number}"));
            Directory.CreateDirectory(folder);
            folders[controller] = folder;
        }

        void Limit(string controller, string file, long value) => Set(folders, controller, file, value.ToString(CultureInfo.InvariantCulture));
        var quota = (long)CpuPeriodUs * limits.CpuPercent / 100;
        Limit("pids", "pids.max", limits.Processes);
        if (unified)
        {
            Limit("memory", "memory.max", limits.MemoryBytes);
            Limit("memory", "memory.swap.max", 0);
            Limit("memory", "memory.oom.group", 1);
            Set(folders, "cpu", "cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {CpuPeriodUs}"));
        }
        else
        {
            Limit("memory", "memory.limit_in_bytes", limits.MemoryBytes);
            Limit("memory", "memory.memsw.limit_in_bytes", limits.MemoryBytes);
            Limit("cpu", "cpu.cfs_period_us", CpuPeriodUs);
            Limit("cpu", "cpu.cfs_quota_us", quota);
        }

        return new(folders, unified);
    }

    static void Set(Dictionary<string, string> folders, string controller, string file, string value)
    {
        // Swap accounting is not everywhere, and without it there is no such file.
        if (folders.TryGetValue(controller, out var folder) && File.Exists(Path.Combine(folder, file)))
            File.WriteAllText(Path.Combine(folder, file), value);
    }

    static bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>The control groups of one process.</summary>
sealed class Cgroup(IReadOnlyDictionary<string, string> folders, bool unified)
{
    /// <summary>Whoever is to be limited writes a 0 here, before it starts anything.</summary>
    public IReadOnlyList<string> Entrances { get; } = [.. folders.Values.Distinct().Select(x => Path.Combine(x, "cgroup.procs"))];

    /// <summary>Whether the kernel has ended one of its processes for want of memory.</summary>
    public bool RanOutOfMemory()
    {
        if (!folders.TryGetValue("memory", out var folder))
            return false;
        try
        {
            return File.ReadLines(Path.Combine(folder, unified ? "memory.events" : "memory.oom_control"))
                .Any(x => x.StartsWith("oom_kill ", StringComparison.Ordinal) && x != "oom_kill 0");
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Ends what is still in it.</summary>
    public void KillAll()
    {
        foreach (var entrance in Entrances)
            try
            {
                foreach (var line in File.ReadAllLines(entrance))
                    using (var process = Process.GetProcessById(int.Parse(line, CultureInfo.InvariantCulture)))
                        process.Kill();
            }
            catch (Exception exception) when (exception is IOException or ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It has ended meanwhile, or the group is removed.
            }
    }

    /// <summary>False while something is left in one of them.</summary>
    public bool Remove()
    {
        var removed = true;
        foreach (var folder in folders.Values.Distinct().Where(Directory.Exists))
            try
            {
                Directory.Delete(folder);
            }
            catch (IOException)
            {
                removed = false;
            }

        return removed;
    }
}
