using System.Net.Http.Json;
using System.Text.Json;

namespace ReactorJobs.Bench.Suite;

/// <summary>Calls that are not measured: jobs are made, backlogs filled.</summary>
sealed class Api : IDisposable
{
    const int MostInBatch = 1000;

    // A manual trigger is refused when a job has as many due runs as this.
    const int MaxConcurrency = 1_000_000;

    readonly HttpClient client;

    public Api(ReactorDev suite, string? token = null)
    {
        client = new() { BaseAddress = suite.Url };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token ?? suite.Token);
    }

    /// <summary>Makes the job, or leaves it as it is.</summary>
    /// <param name="topic">Events of this topic start it.</param>
    public Task Define(string job, string handler, string? topic, CancellationToken stop) => Post("/jobs/v1/_admin/jobs", new
    {
        name = job,
        handler,
        max_concurrency = MaxConcurrency,
        triggers = topic is null ? [] : new[] { new { kind = "event", topic } },
    }, stop);

    /// <summary>Starts many runs by few calls.</summary>
    public async Task Start(string job, int runs, CancellationToken stop)
    {
        for (var started = 0; started < runs; started += MostInBatch)
        {
            var part = Math.Min(MostInBatch, runs - started);
            await Post($"/jobs/v1/{job}/trigger/batch", Enumerable.Repeat(new { payload = new { at = 0 } }, part), stop);
        }
    }

    /// <summary>Makes a function and puts it live.</summary>
    public async Task Deploy(string name, string runtime, byte[] bundle, CancellationToken stop)
    {
        const string functions = "/functions/v1/_admin/functions";
        await Post(functions, new { name, runtime }, stop);
        using var content = new ByteArrayContent(bundle) { Headers = { ContentType = new("application/gzip") } };
        await Read(client.PostAsync($"{functions}/{name}/deployments", content, stop), stop);
        await Post($"{functions}/{name}/promote", new { }, stop);
    }

    /// <summary>Starts one run and gives its id.</summary>
    public async Task<string> Trigger(string job, double at, CancellationToken stop) =>
        JsonDocument.Parse(await Post($"/jobs/v1/{job}/trigger", new { payload = new { at } }, stop)).RootElement.GetProperty("id").GetString()!;

    /// <summary>Waits until the run has ended, without asking again and again.</summary>
    public async Task Ended(string run, CancellationToken stop)
    {
        var text = await Read(client.GetAsync($"/jobs/v1/runs/{run}?wait=30s", stop), stop);
        if (JsonDocument.Parse(text).RootElement.GetProperty("status").GetString() != "completed")
            throw new BenchFailure($"a run did not complete: {text}");
    }

    Task<string> Post<T>(string path, T body, CancellationToken stop) => Read(client.PostAsJsonAsync(path, body, stop), stop);

    static async Task<string> Read(Task<HttpResponseMessage> call, CancellationToken stop)
    {
        using var response = await call;
        var text = await response.Content.ReadAsStringAsync(stop);
        return response.IsSuccessStatusCode ? text : throw new BenchFailure($"{response.RequestMessage!.RequestUri!.AbsolutePath} answered {response.StatusCode}: {text}");
    }

    public void Dispose() => client.Dispose();
}
