using System.Collections.Concurrent;
using System.Globalization;

namespace ReactorJobs.Executor.Runtime;

/// <summary>Bounds the memory of processes where no control group does: looks ten times a second, and ends what has more.</summary>
sealed class MemoryWatch : IDisposable
{
    static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);
    static readonly int PageSize = Environment.SystemPageSize;

    readonly ConcurrentDictionary<int, (long Most, Action Exceeded)> watched = new();
    readonly ITimer timer;

    public MemoryWatch(TimeProvider time) => timer = time.CreateTimer(_ => Look(), null, Every, Every);

    public void Add(int process, long most, Action exceeded) => watched[process] = (most, exceeded);

    public void Remove(int process) => watched.TryRemove(process, out _);

    void Look()
    {
        foreach (var (process, (most, exceeded)) in watched)
            if (Resident(process) > most && watched.TryRemove(process, out _))
                exceeded();
    }

    /// <summary>What a process and all that descend from it have in memory, in bytes.</summary>
    public static long Resident(int process)
    {
        long bytes = 0;
        var open = new Stack<int>([process]);
        while (open.TryPop(out var id))
            try
            {
                var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{id}");
                bytes += long.Parse(File.ReadAllText(folder + "/statm").Split(' ')[1], CultureInfo.InvariantCulture) * PageSize;
                foreach (var task in Directory.EnumerateDirectories(folder + "/task"))
                    foreach (var child in File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                        open.Push(int.Parse(child, CultureInfo.InvariantCulture));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
            }

        return bytes;
    }

    public void Dispose() => timer.Dispose();
}
