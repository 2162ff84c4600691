using Npgsql;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Health;

namespace ReactorJobs.Ingress.Health;

/// <summary>Asks the database and the modules, at most once a second however often it is asked itself: anyone may call.</summary>
public sealed class HealthChecks(ServiceDatabase database, IEnumerable<HealthContribution> contributions, TimeProvider time)
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
        var database = Answers(DatabaseAnswers);
        var words = await Task.WhenAll(contributions.Select(async x => (x.Capability, await Answers(x.Check))));
        var details = contributions.Select(x => (x.Capability, Detail: x.Detail?.Invoke())).Where(x => x.Detail is not null).ToDictionary(x => x.Capability, x => x.Detail!);
        return HealthReport.Of(await database == HealthContribution.Ok, words) with { Details = details.Count > 0 ? details : null };
    }

    async Task<string> DatabaseAnswers(CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand("select 1", connection);
        await command.ExecuteScalarAsync(stop);
        return HealthContribution.Ok;
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
