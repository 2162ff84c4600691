using System.Diagnostics;
using System.Runtime.CompilerServices;
using ReactorJobs.Executor.Bundles;

namespace ReactorJobs.Tests.Functions;

/// <summary>The bundler as a plain process, contained by nothing.</summary>
static class Bun
{
    public static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(Folder(), "../../sdk/typescript/node_modules/.bin/bun"));

    static string Folder([CallerFilePath] string here = "") => System.IO.Path.GetDirectoryName(here)!;

    public static Task<BuildResult> Run(BuildCommand command, CancellationToken stop) => Run(Path, command.Arguments, command.Folder, command.TimeLimit, stop);

    public static async Task<BuildResult> Run(string program, IEnumerable<string> arguments, string folder, TimeSpan timeLimit, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["NO_COLOR"] = "1";
        start.Environment["PATH"] = "/usr/bin:/bin";
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(timeLimit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await errors + await output);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return new(-1, "", TimedOut: true);
        }
    }
}
