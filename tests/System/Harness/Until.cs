namespace ReactorJobs.Tests.System.Harness;

/// <summary>Waits for facts about other processes, which can only be asked for again and again.</summary>
static class Until
{
    /// <summary>Far above what anything takes; it only keeps a broken test from hanging.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    public static Task Pause() => Task.Delay(BetweenLooks, TimeProvider.System);

    public static Task True(string fact, Func<Task<bool>> holds, TimeSpan? limit = null) =>
        Some(fact, async () => await holds() ? "" : null, limit);

    public static async Task<T> Some<T>(string fact, Func<Task<T?>> look, TimeSpan? limit = null) where T : class
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await look() is { } found)
                return found;
            if (TimeProvider.System.GetElapsedTime(since) > (limit ?? Limit))
                throw new TimeoutException($"Not within {(limit ?? Limit).TotalSeconds} s: {fact}.");
            await Pause();
        }
    }
}
