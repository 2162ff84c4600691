using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace ReactorJobs.Tests.Docs;

/// <summary>
/// A folder that looks like a checkout to whoever types the commands of the docs: <c>./reactor</c> is the program that was built with these
/// tests, or the repository's own <c>./reactor</c>, which builds it; the SDK is the repository's, the example is a copy.
/// </summary>
sealed class Checkout : IDisposable
{
    /// <summary>More than anything here takes: a command that is not done by then hangs.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public Checkout(bool fromSource = false)
    {
        var program = fromSource ? $"\"{Path.Combine(Repository(), "reactor")}\"" : $"dotnet \"{Path.Combine(AppContext.BaseDirectory, "reactor.dll")}\"";
        File.WriteAllText(Path.Combine(Folder, "reactor"), $"#!/bin/sh\nexec {program} \"$@\"\n");
        File.SetUnixFileMode(Path.Combine(Folder, "reactor"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateSymbolicLink(Path.Combine(Folder, "sdk"), Path.Combine(Repository(), "sdk"));
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("rj-docs-").FullName;

    public int Port { get; } = FreePort();

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>What the scripts find in their environment, beside what is around the tests.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <param name="path">Below the folder.</param>
    public void Write(string path, string text)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    public static string Repository([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));

    /// <summary>The SDK, which functions and workers run on, as <c>./reactor dev</c> builds it, where that has not been done yet.</summary>
    public async Task BuildSdk() => await Bash(
        $"""
        cd {Repository()}/sdk/typescript
        [ -d node_modules ] || npm ci --no-audit --no-fund
        [ -f packages/jobs-sdk/dist/index.js ] && [ -f packages/functions-runner/dist/main.js ] || npm run build
        """);

    /// <summary>The example's worker, likewise.</summary>
    public async Task AddExample()
    {
        await BuildSdk();
        await Bash(
            $"""
            cd {Repository()}/examples/welcome
            [ -d node_modules ] || npm ci --no-audit --no-fund
            [ -f dist/worker.js ] || npm run build
            mkdir -p {Folder}/examples
            cp -r {Repository()}/examples/welcome {Folder}/examples/
            """);
    }

    /// <summary>Writes a file as an editor would save it.</summary>
    public void Save(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Runs a script as a person would type it; gives what it printed, or throws with that when it fails.</summary>
    /// <param name="folder">Of the checkout, to type it in.</param>
    public async Task<string> Bash(string script, string folder = "")
    {
        using var patience = new CancellationTokenSource(Patience);
        using var process = Start(script, folder);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"exit code {process.ExitCode} of\n{script}\nwhich printed\n{await output}{await errors}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"not done after {Patience.TotalMinutes} min:\n{script}");
        }
    }

    public Process Start(string script, string folder = "")
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script])
        {
            WorkingDirectory = Path.Combine(Folder, folder),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["REACTOR_URL"] = Url;
        foreach (var ambient in new[] { "REACTOR_TOKEN", "REACTOR_ORG" })
            start.Environment.Remove(ambient);
        start.Environment["PATH"] = $"{Folder}:{start.Environment["PATH"]}";
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public static async Task Interrupt(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
