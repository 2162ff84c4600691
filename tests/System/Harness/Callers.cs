using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>
/// Callers of every kind, each calling again and again while the database is away. What they are told is kept: a call succeeds, or it is refused
/// with 503 <c>unavailable</c> and <c>Retry-After</c>, within <see cref="Limit"/>.
/// </summary>
sealed class Callers(Api api)
{
    /// <summary>For any answer.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Callers who wait as they are told would call less often; these are to be many.</summary>
    static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(200);

    readonly ConcurrentQueue<(string Kind, TimeSpan Took, Answer? Answer, string? Fault)> told = [];
    string sleeping = "";
    string[] toCancel = [];

    /// <summary>What the calls are about.</summary>
    public async Task Prepare()
    {
        await api.Job("later", new { handler = "nobody", max_concurrency = 100_000 });
        sleeping = await Later();
        toCancel = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Later()));
    }

    /// <summary>Calls until it is told to stop, and then waits for the last answers.</summary>
    public async Task Call(CancellationToken stop)
    {
        var cancelled = 0;
        var made = 0;
        (string, Func<Task<Answer>>)[] calls =
        [
            ("trigger", () => api.Post("/jobs/v1/later/trigger", """{"delay": "1h"}""")),
            ("trigger with a key", () => api.Post("/jobs/v1/later/trigger", """{"delay": "1h"}""", $"key-{Interlocked.Increment(ref made)}")),
            ("batch", () => api.Post("/jobs/v1/later/trigger/batch", """[{"delay": "1h"}, {"delay": "2h"}]""")),
            ("get", () => api.Get($"/jobs/v1/runs/{sleeping}")),
            ("get and wait", () => api.Get($"/jobs/v1/runs/{sleeping}?wait=1s")),
            ("list", () => api.Get("/jobs/v1/runs?limit=10")),
            ("cancel", () => api.Post($"/jobs/v1/_admin/jobs/later/runs/{toCancel[Interlocked.Increment(ref cancelled) % toCancel.Length]}/cancel")),
            ("cancel many", () => api.Post("/jobs/v1/runs/cancel", JsonSerializer.Serialize(new { ids = toCancel[..2] }))),
            ("emit", () => api.Post("/jobs/v1/_admin/events", """{"topic": "nobody.hears", "payload": 1}""")),
            ("list events", () => api.Get("/jobs/v1/_admin/events?limit=10")),
            ("list jobs", () => api.Get("/jobs/v1/_admin/jobs")),
            ("create a job", () => api.Post("/jobs/v1/_admin/jobs", $$"""{"name": "made-{{Interlocked.Increment(ref made)}}", "handler": "nobody"}""")),
            ("list dead letters", () => api.Get("/jobs/v1/_admin/jobs/later/dlq")),
            ("list functions", () => api.Get("/functions/v1/_admin/functions")),
            ("list tokens", () => api.Get("/jobs/v1/_admin/tokens")),
        ];
        await Task.WhenAll(calls.Select(call => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await Tell(call.Item1, call.Item2);
                await Task.Delay(BetweenCalls, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        })));
    }

    /// <summary>Of a call that is under way since before.</summary>
    public Task WaitForAnEnd() => Tell("wait", () => api.Get($"/jobs/v1/runs/{sleeping}?wait=30s"), limited: false);

    /// <param name="refused">Whether each kind of call was to be refused at least once.</param>
    public void WereToldInTime(bool refused)
    {
        Assert.All(told, x => Assert.True(x.Fault is null, $"{x.Kind} failed after {x.Took.TotalMilliseconds:0} ms: {x.Fault}"));
        Assert.All(told, x => Assert.True(x.Took < Limit, $"{x.Kind} took {x.Took.TotalMilliseconds:0} ms to be answered {(int)x.Answer!.Status}"));
        Assert.All(told, x => Assert.True(x.Answer!.Status is < HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable, $"{x.Kind} was answered {(int)x.Answer.Status}: {x.Answer.Text}"));
        var refusals = told.Where(x => x.Answer!.Status == HttpStatusCode.ServiceUnavailable).ToArray();
        Assert.All(refusals, x =>
        {
            Assert.Equal("application/problem+json", x.Answer!.ContentType);
            Assert.Equal("unavailable", x.Answer.Code);
            Assert.True(x.Answer.Headers.RetryAfter?.Delta > TimeSpan.Zero, $"{x.Kind} was not told when to try again");
        });
        if (refused)
            Assert.Equal(told.Select(x => x.Kind).Distinct().Order(StringComparer.Ordinal), refusals.Select(x => x.Kind).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>How long each kind of call took at most, and how often it was refused.</summary>
    public override string ToString() => string.Join('\n', told.GroupBy(x => x.Kind).Select(x =>
        $"{x.Key,-20} {x.Count(),4} calls, {x.Count(y => y.Answer?.Status == HttpStatusCode.ServiceUnavailable),4} refused, at most {x.Max(y => y.Took.TotalMilliseconds),5:0} ms"));

    async Task<string> Later() => (string)(await api.Post("/jobs/v1/later/trigger", """{"delay": "1h"}""")).Is(HttpStatusCode.Accepted).Json["id"]!;

    async Task Tell(string kind, Func<Task<Answer>> call, bool limited = true)
    {
        var began = TimeProvider.System.GetTimestamp();
        Answer? answer = null;
        string? fault = null;
        try
        {
            answer = await call();
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException)
        {
            fault = exception.Message;
        }

        told.Enqueue((kind, limited ? TimeProvider.System.GetElapsedTime(began) : TimeSpan.Zero, answer, fault));
    }
}
