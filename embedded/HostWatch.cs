using System.Diagnostics;

namespace ReactorJobs.Embedded;

/// <summary>
/// Ends a server when its host is killed: the pipe from the host ends with it, and with the pipe ends the read. (The kernel's own signal on a
/// parent's death is none: it goes by the parent's thread, and .NET's threads come and go.)
/// </summary>
sealed class HostWatch : IDisposable
{
    readonly Process watch;

    HostWatch(Process watch) => this.watch = watch;

    /// <summary>Comes before a program that has a session of its own: Ctrl-C in the terminal is for the host, which needs its servers until it has shut down.</summary>
    public static string[] OwnSession { get; } = Tool.Find("setsid") is { } setsid ? [setsid] : [];

    /// <param name="signal">What the server gets, such as <c>INT</c>.</param>
    public static HostWatch Start(int serverId, string signal)
    {
        var start = Tool.StartInfo([.. OwnSession, "sh", "-c", "read -r _; kill -\"$2\" \"$1\" 2>/dev/null", "sh", $"{serverId}", signal], null);
        start.RedirectStandardInput = true;
        var watch = new Process { StartInfo = start };
        watch.Start();
        return new(watch);
    }

    public void Dispose()
    {
        if (!watch.HasExited) watch.Kill();
        watch.Dispose();
    }
}
