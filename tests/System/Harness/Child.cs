using System.Diagnostics;
using System.Globalization;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>A process of a test's own. Its output goes into files: a pipe would be held open by whatever the process leaves behind.</summary>
sealed class Child : IAsyncDisposable
{
    readonly Process process;
    readonly Process leash;
    readonly string output;
    readonly string errors;

    Child(Process process, Process leash, string output, string errors) =>
        (this.process, this.leash, this.output, this.errors) = (process, leash, output, errors);

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    public string Output => File.ReadAllText(output);

    public string Errors => File.ReadAllText(errors);

    /// <summary>Where the process wrote to, at the start of a failure's text.</summary>
    public string LastWords => $"--- standard output\n{Tail(Output)}\n--- standard error\n{Tail(Errors)}";

    /// <param name="logs">A folder for what it prints.</param>
    public static Child Start(string logs, string name, IReadOnlyList<string> command, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var (output, errors) = (Path.Combine(logs, name + ".out"), Path.Combine(logs, name + ".err"));
        // exec: the process that is started is the program itself, so that a signal to its number is a signal to it.
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true };
        foreach (var argument in (string[])["-c", "out=$1; err=$2; shift 2; exec \"$@\" >>\"$out\" 2>>\"$err\"", "sh", output, errors, .. command])
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        File.AppendAllText(output, "");
        File.AppendAllText(errors, "");
        var process = Process.Start(start)!;
        return new(process, Leash(process.Id), output, errors);
    }

    /// <summary>Ends the process when the test run itself is killed: the pipe to here ends then, and with it the read.</summary>
    static Process Leash(int id)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true };
        foreach (var argument in (string[])["-c", "read -r _; kill -KILL \"$1\" 2>/dev/null", "sh", id.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    public void Signal(string signal) => Signal(Id, signal);

    public static void Signal(int process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>As the kernel's out-of-memory killer would: no word of farewell.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void CloseInput() => process.StandardInput.Close();

    public Task Exited(TimeSpan limit) => process.WaitForExitAsync().WaitAsync(limit);

    public async ValueTask DisposeAsync()
    {
        // The leash first: it goes by the number, which could be another's once the process is gone.
        leash.Kill();
        await leash.WaitForExitAsync();
        if (!process.HasExited)
            await Kill();
        process.Dispose();
        leash.Dispose();
    }

    static string Tail(string text) => text.Length <= 4000 ? text : text[^4000..];
}
