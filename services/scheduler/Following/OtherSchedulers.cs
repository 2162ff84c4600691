using MassTransit;
using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Dispatch;

namespace ReactorJobs.Scheduler.Following;

/// <summary>
/// Tells the other schedulers, where there are any, which attempts this one's groups have ended; and this one, by a word that comes back,
/// that it hears.
/// </summary>
public sealed class OtherSchedulers(Guid self, Capacity capacity, BusHearing hearing, Func<RunsEnded, Task> publish, ILogger<OtherSchedulers> logger)
{
    int words;

    public Guid Self => self;

    /// <summary>Says a word to itself, unless the last one is still on its way to the broker.</summary>
    public void Speak()
    {
        if (Interlocked.Exchange(ref words, 1) == 0)
            _ = Say();

        async Task Say()
        {
            await Publish(new(self, []));
            Volatile.Write(ref words, 0);
        }
    }

    public Task Hear(RunsEnded ended, Action<RunsEnded> take)
    {
        hearing.Heard();
        if (ended.Scheduler != self && ended.Attempts.Count > 0)
            take(ended);
        return Task.CompletedTask;
    }

    public void Tell(RunsCommitted committed)
    {
        // A publication waits for a broker that is away; by then the others' sweeps have found what it would tell.
        if (capacity.Schedulers < 2 || hearing.Since is null)
            return;
        RunEpoch[] ended = [.. committed.Changed.Where(x => x.Before is { IsRunning: true } && !x.After.IsRunning || x.After.IsFinal)
            .Select(x => new RunEpoch(x.After.OrgId, x.After.Id, x.After.Epoch))];
        if (ended.Length > 0)
            _ = Publish(new(self, ended));
    }

    async Task Publish(RunsEnded ended)
    {
        try
        {
            await publish(ended);
        }
        catch (Exception exception)
        {
            // Their sweeps find it.
            logger.LogDebug("Other schedulers were not told of ended attempts: {Reason}", exception.Message);
        }
    }
}
