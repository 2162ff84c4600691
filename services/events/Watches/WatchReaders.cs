using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using ReactorJobs.Events.Changes;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Events.Watches;

/// <summary>
/// Has a reader for each watch that has triggers, and none otherwise. Every events service has one; the slot lets one of them read. What a crash has left
/// half made goes: triggers that never came to be, and what is watched for nobody.
/// </summary>
public sealed class WatchReaders(
    WatchedDatabases databases, WatchStore store, DataTriggers triggers, ChangeIntake intake, InternalCalls calls, Random random, TimeProvider time, ILogger<WatchReaders> logger)
    : IAsyncDisposable
{
    /// <summary>What this process is told itself it does not wait for.</summary>
    static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    static readonly TimeSpan TidyPeriod = TimeSpan.FromMinutes(1);

    /// <summary>Between a trigger's word here and its row there is a moment; what is older was left by a crash.</summary>
    static readonly TimeSpan Moment = TimeSpan.FromMinutes(1);

    readonly Meter meter = new("ReactorJobs.Events");
    readonly SemaphoreSlim wake = new(0);
    readonly CancellationTokenSource stopping = new();
    readonly Dictionary<Watch, WatchReader> readers = [];
    volatile IReadOnlyList<KnownWatch> known = [];
    volatile IReadOnlyList<WatchReader> reading = [];
    Task running = Task.CompletedTask;

    public void Start()
    {
        meter.CreateObservableGauge("reactor_jobs_watch_lag_bytes", () => Measure(x => x.Bytes), "By", "Write-ahead log of a watched database that is not taken in.");
        meter.CreateObservableGauge("reactor_jobs_watch_lag_seconds", () => Measure(x => x.Seconds), "s", "How long the oldest change of a watched database waits that is not taken in.");
        running = Task.Run(Run);
    }

    /// <summary>There may be something to read, or nothing any more.</summary>
    public void Wake() => wake.Release();

    public async Task Stop()
    {
        await stopping.CancelAsync();
        await running;
        await Task.WhenAll(readers.Values.Select(x => x.DisposeAsync().AsTask()));
        readers.Clear();
    }

    /// <summary>Without names: anyone may ask.</summary>
    public string Health() => known.Count(x => x.State == WatchStates.Failing) is > 0 and var failing ? $"{failing} of {known.Count} watched databases cannot be read" : HealthContribution.Ok;

    async Task Run()
    {
        var tidied = default(long?);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                known = await store.All(stopping.Token);
                await Follow();
                if (tidied is not { } last || time.GetElapsedTime(last) >= TidyPeriod)
                {
                    tidied = time.GetTimestamp();
                    await Tidy(stopping.Token);
                }
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                if (!StoreUnavailable.IsCauseOf(exception))
                    logger.LogWarning("What is watched is not known, and looked for again: {Reason}", exception.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Pause();
        }
    }

    async Task Follow()
    {
        var wanted = known.Where(x => x.HasTriggers && x.IsMade).Select(x => x.Watch).ToHashSet();
        foreach (var (watch, reader) in readers.Where(x => !wanted.Contains(x.Key) || x.Value.HasEnded).ToArray())
        {
            await reader.DisposeAsync();
            readers.Remove(watch);
        }

        foreach (var watch in wanted.Where(x => !readers.ContainsKey(x)))
            if (databases.Find(watch.OrgId, watch.Name) is { } watched)
            {
                var reader = readers[watch] = new(watch, watched, intake, store, triggers, new Random(random.Next()), time, logger);
                reader.Start();
            }

        reading = [.. readers.Values];
    }

    async Task Tidy(CancellationToken stop)
    {
        foreach (var (org, trigger) in await store.Unconfirmed(time.GetUtcNow() - Moment, stop))
            await Settle(org, trigger, stop);
        foreach (var watch in known.Where(x => !x.HasTriggers && time.GetUtcNow() - x.CreatedAt > Moment).Select(x => x.Watch))
        {
            if (databases.Find(watch.OrgId, watch.Name) is null)
                logger.LogWarning(
                    "The slot {Slot} holds write-ahead log in a database that the settings do not name any more: name {Database} for {Org} again, or drop the slot there",
                    watch.Slot, watch.Name, watch.OrgId);
            try
            {
                await triggers.Tidy(watch.OrgId, watch.Name, stop);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                logger.LogWarning("What watching the database {Database} of {Org} has left is not taken away yet: {Reason}", watch.Name, watch.OrgId, WatchProblem.Explain(exception));
            }
        }
    }

    /// <summary>The scheduler knows whether it keeps the trigger.</summary>
    async Task Settle(string org, string trigger, CancellationToken stop)
    {
        using var response = await calls.Send(HttpMethod.Get, calls.Scheduler, $"/internal/scheduler/orgs/{Uri.EscapeDataString(org)}/triggers/{trigger}", null, stop);
        if (response.IsSuccessStatusCode)
            await store.Confirm(org, trigger, stop);
        else if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
            await triggers.Remove(org, trigger, stop);
    }

    async Task Pause()
    {
        try
        {
            using var patience = new CancellationTokenSource(Period, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping.Token);
            await wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // It is time, or the end.
        }
    }

    IEnumerable<Measurement<T>> Measure<T>(Func<WatchLag, T> what) where T : struct =>
        reading.Where(x => x.Lag is not null).Select(x => new Measurement<T>(what(x.Lag!), new("org", x.Watch.OrgId), new KeyValuePair<string, object?>("database", x.Watch.Name)));

    public async ValueTask DisposeAsync()
    {
        await Stop();
        meter.Dispose();
        wake.Dispose();
        stopping.Dispose();
    }
}
