using System.Collections.Concurrent;
using System.Threading.Channels;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Following;

/// <summary>Tells those who wait for a run that something was committed about it.</summary>
public sealed class RunFollowers
{
    readonly ConcurrentDictionary<RunKey, HashSet<Follower>> followers = new();

    public Follower Follow(RunKey key)
    {
        var follower = new Follower(key, this);
        followers.AddOrUpdate(key, _ => [follower], (_, set) =>
        {
            lock (set)
                return [.. set, follower];
        });
        return follower;
    }

    public void Tell(RunsCommitted committed)
    {
        if (followers.IsEmpty)
            return;
        foreach (var (_, run) in committed.Changed)
            if (followers.TryGetValue(new(run.OrgId, run.Id), out var set))
                foreach (var follower in set)
                    follower.Changed();
    }

    /// <summary>What another scheduler has committed.</summary>
    public void Tell(RunsEnded ended)
    {
        if (followers.IsEmpty)
            return;
        foreach (var attempt in ended.Attempts)
            if (followers.TryGetValue(new(attempt.OrgId, attempt.RunId), out var set))
                foreach (var follower in set)
                    follower.Changed();
    }

    void Leave(Follower follower)
    {
        while (followers.TryGetValue(follower.Key, out var set))
        {
            HashSet<Follower> without = [.. set.Where(x => x != follower)];
            if (without.Count == 0 ? followers.TryRemove(new(follower.Key, set)) : followers.TryUpdate(follower.Key, without, set))
                return;
        }
    }

    public sealed class Follower(RunKey key, RunFollowers all) : IDisposable
    {
        // One pending "look again" is enough, however much has changed since.
        readonly Channel<bool> changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public RunKey Key => key;

        public void Changed() => changes.Writer.TryWrite(true);

        /// <summary>Waits for the next change, or for a moment: another scheduler's change is not told here.</summary>
        public async Task Next(TimeSpan atMost, TimeProvider time, CancellationToken stop)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            using var timer = time.CreateTimer(_ => limit.Cancel(), null, atMost, Timeout.InfiniteTimeSpan);
            try
            {
                await changes.Reader.ReadAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // Time to look, told or not.
            }
        }

        public void Dispose() => all.Leave(this);
    }
}
