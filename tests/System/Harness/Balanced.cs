namespace ReactorJobs.Tests.System.Harness;

/// <summary>Several ingresses as one address, as a load balancer makes them: what comes goes, in turn, to those that say they are ready.</summary>
sealed class Balanced : IAsyncDisposable
{
    static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    readonly HttpClient probe = new() { Timeout = TimeSpan.FromSeconds(2) };
    readonly CancellationTokenSource stop = new();
    readonly (string Url, Api Api)[] all;
    readonly Task watching;
    volatile Api[] ready;
    int turn;

    public Balanced(IEnumerable<string> urls, string token)
    {
        all = [.. urls.Select(url => (url, new Api(url, token)))];
        ready = [.. all.Select(x => x.Api)];
        watching = Watch();
    }

    public Task<Answer> Post(string path, string body)
    {
        var now = ready;
        return now[(int)((uint)Interlocked.Increment(ref turn) % now.Length)].Post(path, body);
    }

    public async Task<bool> IsReady(string url)
    {
        try
        {
            using var response = await probe.GetAsync($"{url}/health/ready");
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    async Task Watch()
    {
        using var timer = new PeriodicTimer(Between);
        do
        {
            var answers = await Task.WhenAll(all.Select(async x => (x.Api, IsReady: await IsReady(x.Url))));
            if (answers.Any(x => x.IsReady))
                ready = [.. answers.Where(x => x.IsReady).Select(x => x.Api)];
        } while (!stop.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching;
        foreach (var (_, api) in all)
            api.Dispose();
        probe.Dispose();
        stop.Dispose();
    }
}
