using System.Collections.Concurrent;
using System.Diagnostics;

namespace ReactorJobs.Executor.Runtime;

/// <summary>
/// Starts processes on a thread that lives as long as this one: to the kernel a process's parent is the thread that started it, and a
/// sandbox that dies with its parent would end when the thread pool retires that thread.
/// </summary>
static class Spawner
{
    static readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Started)> Orders = [];

    static Spawner() => new Thread(Work) { IsBackground = true, Name = "Spawner" }.Start();

    public static Task<Process> Start(ProcessStartInfo info)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Orders.Add((info, started));
        return started.Task;
    }

    static void Work()
    {
        foreach (var (info, started) in Orders.GetConsumingEnumerable())
            try
            {
                started.SetResult(Process.Start(info)!);
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
    }
}
