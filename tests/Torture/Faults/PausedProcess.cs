using System.Diagnostics;
using System.Globalization;

namespace ReactorJobs.Tests.Torture.Faults;

/// <summary>
/// A process and its children that stand still, until this is disposed of. A shell holds them: when the trial itself is killed, its input ends and
/// they go on, so that they can notice and end.
/// </summary>
sealed class PausedProcess : IAsyncDisposable
{
    // A parent first: it could start another child.
    const string Script =
        """
        kill -STOP "$1" || exit 1
        children=$(cat /proc/"$1"/task/*/children)
        [ -z "$children" ] || kill -STOP $children 2>/dev/null
        echo stopped
        read -r _
        [ -z "$children" ] || kill -CONT $children 2>/dev/null
        kill -CONT "$1" 2>/dev/null
        """;

    readonly Process shell;

    PausedProcess(Process shell) => this.shell = shell;

    public static async Task<PausedProcess> Stop(int id)
    {
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", id.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var shell = Process.Start(start)!;
        await shell.StandardOutput.ReadLineAsync();
        return new(shell);
    }

    public async ValueTask DisposeAsync()
    {
        shell.StandardInput.Close();
        await shell.WaitForExitAsync();
        shell.Dispose();
    }
}
