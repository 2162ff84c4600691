using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace ReactorJobs.Tests.Embedded;

/// <summary>A data folder for one test, and what happens on it.</summary>
public class DataFolderFixture : IDisposable
{
    // Far above what anything takes; it only keeps a broken test from hanging.
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly string root = Directory.CreateTempSubdirectory("reactor-test-").FullName;

    protected DataFolderFixture() => Progress = new Reporter(Reported);

    protected string DataFolder => Path.Combine(root, "data");
    protected string Root => root;
    protected string OtherFolder(string name) => Path.Combine(root, name);
    protected ConcurrentQueue<string> Reported { get; } = new();
    protected IProgress<string> Progress { get; }

    /// <summary>Sends a signal as a person would.</summary>
    protected static async Task Signal(string signal, int processId)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{processId}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>False for a process that ended and whose parent has not asked how.</summary>
    protected static bool IsAlive(int processId) => new FileInfo($"/proc/{processId}/exe").LinkTarget is not null;

    protected static async Task UntilGone(int processId)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (IsAlive(processId)) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    protected static async Task<(Process Host, int Server)> StartHostProcess(string dataFolder, string? pathFirst = null, string server = "postgres")
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(HostProgram).Assembly.Location, server, dataFolder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // The test runner may be a program of its own; the host needs the dotnet command.
        if (Path.GetFileNameWithoutExtension(start.FileName) != "dotnet") start.FileName = "dotnet";
        if (pathFirst is not null) start.Environment["PATH"] = $"{pathFirst}:{Environment.GetEnvironmentVariable("PATH")}";
        var host = Process.Start(start)!;
        var line = await host.StandardOutput.ReadLineAsync().WaitAsync(Limit);
        return (host, int.Parse(line!, CultureInfo.InvariantCulture));
    }

    /// <summary>The processes that a host started, but for its server: only its watch is left.</summary>
    protected static int[] ChildrenOf(Process host, int except) =>
        [.. Directory.GetDirectories($"/proc/{host.Id}/task")
            .SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture))
            .Where(id => id != except)];

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(root, recursive: true);
    }

    // Progress<T> reports on another thread, after the fact.
    sealed class Reporter(ConcurrentQueue<string> lines) : IProgress<string>
    {
        public void Report(string value) => lines.Enqueue(value);
    }
}
