using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ReactorJobs.Bench.Suite;

/// <summary>The suite in a process of its own, or in several, on fresh data.</summary>
sealed partial class ReactorDev : IAsyncDisposable
{
    const int Terminate = 15;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly Process process;
    readonly bool keep;
    readonly TimeProvider time;

    ReactorDev(Process process, Checkout checkout, string data, int port, bool keep, TimeProvider time)
    {
        Checkout = checkout;
        (this.process, this.keep, this.time) = (process, keep, time);
        (Data, Url) = (data, new Uri($"http://127.0.0.1:{port}"));
        Token = File.ReadAllText(Path.Combine(data, "dev-token")).Trim();
        // PostgreSQL's own note of itself: its process on the first line, the folder of its socket on the fifth.
        var note = File.ReadAllLines(Path.Combine(data, "postgres", "postmaster.pid"));
        Postmaster = int.Parse(note[0], CultureInfo.InvariantCulture);
        SocketFolder = note[4];
        var list = Path.Combine(data, "processes.json");
        Services = File.Exists(list)
            ? [.. JsonSerializer.Deserialize<ListedProcess[]>(File.ReadAllText(list), JsonSerializerOptions.Web)!.Where(x => x.Pid != Postmaster)]
            : [];
    }

    public Checkout Checkout { get; }
    public string Data { get; }
    public Uri Url { get; }
    public string Token { get; }
    public int ProcessId => process.Id;

    /// <summary>The processes of a suite of several, RabbitMQ among them; none where it is all in one.</summary>
    public IReadOnlyList<ListedProcess> Services { get; }

    public int Postmaster { get; }
    public string SocketFolder { get; }

    public static async Task<ReactorDev> Start(Checkout checkout, BenchOptions options, TimeProvider time, CancellationToken stop)
    {
        // Not below /tmp, which may be memory: a commit has to reach a disk.
        var data = $"/var/tmp/reactor-bench-{Environment.ProcessId}";
        var port = FreePort();
        var process = new Process
        {
            StartInfo = new("dotnet", [checkout.Program, "dev", "--port", $"{port}", "--data", data, "--no-example", .. options.Suite ? ["--suite"] : Array.Empty<string>()])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                WorkingDirectory = checkout.Root,
                // As many of a function at once as a worker takes.
                Environment = { ["REACTOR_JOBS__WORKER_COUNT"] = $"{options.Slots}" },
            },
        };
        var said = new List<string>();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        if (await Task.WhenAny(ready.Task, process.WaitForExitAsync(stop)) != ready.Task)
            throw new BenchFailure($"reactor dev did not start: {string.Join(" | ", said)}");
        return new(process, checkout, data, port, options.Keep, time);

        void Hear(string? line)
        {
            if (line is null)
                return;
            if (!ready.Task.IsCompleted)
                said.Add(line);
            else if (line.Contains("warn", StringComparison.Ordinal) || line.Contains("fail", StringComparison.Ordinal))
                Console.Error.WriteLine($"  suite: {line}");
            if (line.Contains("ready after", StringComparison.Ordinal))
                ready.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ = Signal(process.Id, Terminate);
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
        if (keep)
            Console.Error.WriteLine($"bench: the data is kept in {Data}");
        else
            Directory.Delete(Data, recursive: true);
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}

/// <summary>A line of the suite's own list.</summary>
sealed record ListedProcess(string Name, int Pid)
{
    /// <summary>Without the number of the instance.</summary>
    public string Service => Name.Split('-')[0];
}

/// <summary>Where the built parts of the suite are, found from this program's own place.</summary>
sealed record Checkout(string Root)
{
    public string Program => Path.Combine(Root, ".build", "cli", "reactor.dll");
    public string Functions => Path.Combine(Root, "benchmarks", "functions");
    public string Worker => Path.Combine(Root, "benchmarks", "workers", "worker.mjs");
    public string Endpoint => Path.Combine(Root, "benchmarks", "workers", "endpoint.mjs");

    public static Checkout Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (new Checkout(folder.FullName) is var found && File.Exists(found.Program) && File.Exists(found.Worker))
                return found;
        throw new BenchFailure("No checkout with a built suite is above this program: start it by ./bench.");
    }
}
