using System.Globalization;

namespace ReactorJobs.Bench.Measuring;

/// <summary>What /proc says of processor time, in seconds.</summary>
static class ProcStat
{
    // USER_HZ, which Linux fixes at 100 for user programs.
    const double TicksPerSecond = 100;

    public static double Of(int process) => Read(process) is { } stat ? stat.Own / TicksPerSecond : 0;

    /// <summary>A process with its children, those that have ended included.</summary>
    public static double OfFamily(int parent)
    {
        var ticks = Read(parent) is { } stat ? stat.Own + stat.EndedChildren : 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                && Read(process) is { } child && child.Parent == parent)
                ticks += child.Own;
        return ticks / TicksPerSecond;
    }

    /// <summary>What a process has started, and what that has: those that have ended, and those that run; some of them are left out with their own.</summary>
    public static double OfDescendants(int process, IReadOnlyCollection<int> except)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && !except.Contains(id) && Read(id) is { } stat)
                (children.TryGetValue(stat.Parent, out var known) ? known : children[stat.Parent] = []).Add(id);
        var ticks = Read(process)?.EndedChildren ?? 0;
        var open = new Stack<int>([process]);
        while (open.TryPop(out var parent))
            foreach (var child in children.GetValueOrDefault(parent) ?? [])
                if (Read(child) is { } stat)
                {
                    ticks += stat.Own + stat.EndedChildren;
                    open.Push(child);
                }

        return ticks / TicksPerSecond;
    }

    /// <summary>All that the machine's processors did but idle.</summary>
    public static double OfMachine()
    {
        // cpu user nice system idle iowait irq softirq steal
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields[1..9].Where((_, i) => i is not (3 or 4)).Sum(x => long.Parse(x, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    public static double Load1() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Resident memory in megabytes.</summary>
    public static double ResidentMb(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(x => x.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    static (int Parent, long Own, long EndedChildren)? Read(int process)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{process}/stat");
        }
        catch (IOException)
        {
            return null; // it has just ended
        }

        // The name is in parentheses and may hold anything; state, the third field, comes after it.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return ((int)Field(4), Field(14) + Field(15), Field(16) + Field(17));

        long Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
    }
}
