using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Hosting.Health;

/// <summary>Asks the database and the modules, at most once a second however often it is asked itself: anyone may call.</summary>
/// <param name="elsewhere">Where other processes are a part of what this one serves; null where all is here.</param>
public sealed class HealthChecks(ServiceDatabase database, IEnumerable<HealthContribution> contributions, TimeProvider time, HealthElsewhere? elsewhere = null)
{
    static readonly TimeSpan Age = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    readonly HealthContribution[] contributions = [.. contributions];
    readonly Lock gate = new();
    Task<HealthReport>? latest;
    long askedAt;

    /// <summary>One round of questions serves everybody who asks meanwhile. It never fails: what does not answer is reported.</summary>
    public Task<HealthReport> Report()
    {
        lock (gate)
        {
            if (latest is null || (latest.IsCompleted && time.GetElapsedTime(askedAt) >= Age))
            {
                askedAt = time.GetTimestamp();
                latest = Task.Run(Ask);
            }

            return latest;
        }
    }

    async Task<HealthReport> Ask()
    {
        var answers = database.Answers();
        var others = elsewhere?.Invoke(CancellationToken.None) ?? Task.FromResult<IReadOnlyList<HealthWord>>([]);
        var here = await Task.WhenAll(contributions.Select(async x => new HealthWord(x.Capability, await Answers(x.Check), x.Detail?.Invoke())));
        HealthWord[] words = [.. here, .. await others];
        var details = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (capability, _, detail) in words)
            if (detail is not null)
                details.TryAdd(capability, detail);
        return HealthReport.Of(await answers, words.Select(x => (x.Capability, x.Word))) with { Details = details.Count > 0 ? details : null };
    }

    async Task<string> Answers(Func<CancellationToken, Task<string>> check)
    {
        using var stop = new CancellationTokenSource(Patience, time);
        try
        {
            // Waited for apart from the token, which not everything heeds.
            return await check(stop.Token).WaitAsync(Patience, time, CancellationToken.None);
        }
        catch (Exception)
        {
            // Why is the log's and the metrics' matter: this answer is public.
            return HealthContribution.Unavailable;
        }
    }
}
