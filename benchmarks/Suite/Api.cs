using System.Net.Http.Json;

namespace ReactorJobs.Bench.Suite;

/// <summary>Calls that are not measured: jobs are made, backlogs filled.</summary>
sealed class Api : IDisposable
{
    const int MostInBatch = 1000;

    // A manual trigger is refused when a job has as many due runs as this.
    const int MaxConcurrency = 1_000_000;

    readonly HttpClient client;

    public Api(ReactorDev suite)
    {
        client = new() { BaseAddress = suite.Url };
        client.DefaultRequestHeaders.Authorization = new("Bearer", suite.Token);
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

    async Task Post<T>(string path, T body, CancellationToken stop)
    {
        using var response = await client.PostAsJsonAsync(path, body, stop);
        if (!response.IsSuccessStatusCode)
            throw new BenchFailure($"{path} answered {response.StatusCode}: {await response.Content.ReadAsStringAsync(stop)}");
    }

    public void Dispose() => client.Dispose();
}
