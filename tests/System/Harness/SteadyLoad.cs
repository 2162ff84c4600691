using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>
/// Calls at an even rate, whether the last ones are answered or not, and none of them twice: whatever is not a 202 is a failure. Every tenth
/// emits an event, the others trigger a job.
/// </summary>
/// <param name="job">Takes <c>{run}</c>.</param>
/// <param name="topic">Of the events, with the same payload.</param>
sealed class SteadyLoad(TimeSpan between, string job, string topic, Func<string, string, Task<Answer>> post)
{
    const int EventEach = 10;

    readonly Lock gate = new();
    readonly List<string> failures = [];
    readonly List<string> accepted = [];
    readonly List<double> took = [];
    readonly CancellationTokenSource end = new();
    Task calling = Task.CompletedTask;
    int calls;

    public int Calls => calls;

    /// <summary>Calls that emitted an event.</summary>
    public int Events => calls / EventEach;

    /// <summary>The runs that were triggered.</summary>
    public IReadOnlyList<string> Accepted => accepted;

    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (gate)
                return [.. failures];
        }
    }

    public void Begin() => calling = Call();

    /// <summary>Ends when the last call is answered.</summary>
    public async Task End(ITestOutputHelper output)
    {
        await end.CancelAsync();
        await calling;
        output.WriteLine($"{calls} calls, {failures.Count} failed; the slowest took {took.Max():0} ms, the median {took.Order().ElementAt(took.Count / 2):0.0}");
    }

    async Task Call()
    {
        var pending = new List<Task>();
        using var timer = new PeriodicTimer(between);
        while (!end.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            var payload = new { run = $"number-{++calls}" };
            pending.Add(calls % EventEach == 0
                ? Send("/jobs/v1/_admin/events", new { topic, payload }, null)
                : Send($"/jobs/v1/{job}/trigger", new { payload }, accepted));
        }

        await Task.WhenAll(pending);
    }

    async Task Send(string path, object body, List<string>? ids)
    {
        var began = Stopwatch.GetTimestamp();
        string? id = null, failure = null;
        try
        {
            var answer = await post(path, JsonSerializer.Serialize(body));
            if (answer.Status == HttpStatusCode.Accepted)
                id = (string?)answer.Json["id"];
            else
                failure = $"{(int)answer.Status} {answer.Text}";
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException)
        {
            failure = $"{exception.GetType().Name}: {exception.Message}";
        }

        lock (gate)
        {
            took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (failure is not null)
                failures.Add($"{path}: {failure}");
            else
                ids?.Add(id!);
        }
    }
}
