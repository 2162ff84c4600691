using System.Runtime.InteropServices;

namespace ReactorJobs.Scheduler.Timers;

/// <summary>
/// Sleeps less than a millisecond, which no wait of .NET can: they count whole ones, so that the last stretch before a timer is either
/// spun away or slept too long by half a millisecond on average.
/// </summary>
static class ShortSleep
{
    /// <summary>May end early when a signal arrives: the caller looks at the clock again.</summary>
    public static void For(TimeSpan time) => _ = usleep((uint)Math.Clamp(Math.Ceiling(time.TotalMicroseconds), 1, 999_999));

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int usleep(uint microseconds);
}
