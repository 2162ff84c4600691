using System.Diagnostics;
using System.Text.Json;

namespace ReactorJobs.Bench.Suite;

/// <summary>The TypeScript worker in a process of its own. It is told what to do line by line, and answers line by line.</summary>
sealed class Worker : IAsyncDisposable
{
    readonly Process process;
    readonly SemaphoreSlim oneAtATime = new(1, 1);
    TaskCompletionSource<JsonElement> answer = New<JsonElement>();
    TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    Worker(Process process)
    {
        this.process = process;
        _ = Hear();
    }

    public int ProcessId => process.Id;

    public static Worker Start(Checkout checkout, ReactorDev suite, int slots) => Start(checkout.Worker, suite, slots);

    /// <summary>Handlers behind a URL instead.</summary>
    public static Worker StartEndpoint(ReactorDev suite) => Start(suite.Checkout.Endpoint, suite, slots: 0);

    static Worker Start(string script, ReactorDev suite, int slots)
    {
        var process = new Process
        {
            StartInfo = new("node", [script])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                Environment = { ["REACTOR_URL"] = suite.Url.ToString(), ["REACTOR_TOKEN"] = suite.Token, ["BENCH_SLOTS"] = $"{slots}" },
            },
        };
        process.Start();
        return new(process);
    }

    public Task Connect() => Tell("connect");

    /// <summary>The port of an endpoint.</summary>
    public async Task<int> Listen() => (await Tell("listen")).GetProperty("port").GetInt32();

    public Task Disconnect() => Tell("disconnect");

    /// <summary>Forgets what was noted, and counts handlers from now on.</summary>
    /// <returns>Completes when that many handlers have ended.</returns>
    public async Task<Task> Expect(int runs)
    {
        reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Tell("expect", runs);
        return reached.Task;
    }

    /// <summary>What the handlers noted since <see cref="Expect"/>, in milliseconds.</summary>
    public async Task<double[]> Notes() => (await Tell("notes")).GetProperty("notes").Deserialize<double[]>()!;

    async Task<JsonElement> Tell(string what, int runs = 0)
    {
        await oneAtATime.WaitAsync();
        try
        {
            answer = New<JsonElement>();
            await process.StandardInput.WriteLineAsync($$"""{"do":"{{what}}","runs":{{runs}}}""");
            await process.StandardInput.FlushAsync();
            return await answer.Task;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    async Task Hear()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var said = JsonDocument.Parse(line).RootElement;
            if (said.TryGetProperty("reached", out _))
                reached.TrySetResult();
            else if (said.TryGetProperty("event", out var what))
                Console.Error.WriteLine($"  worker: {what.GetRawText()}");
            else
                answer.TrySetResult(said);
        }

        var ended = new BenchFailure("the worker has ended");
        answer.TrySetException(ended);
        reached.TrySetException(ended);
    }

    static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
