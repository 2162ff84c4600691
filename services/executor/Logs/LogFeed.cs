using System.Threading.Channels;
using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Logs;

/// <summary>What a reader of logs asks for.</summary>
public sealed record LogFilter(string OrgId, RunId? Run, string? Job)
{
    public bool Admits(LogEntry entry) => entry.OrgId == OrgId && (Run is null || entry.Run == Run) && (Job is null || entry.Job == Job);
}

/// <summary>Wakes those who follow logs when lines of theirs are stored. The lines themselves are read from the store, so that none is missed.</summary>
public sealed class LogFeed
{
    readonly Lock gate = new();
    readonly HashSet<Follower> followers = [];

    public Follower Follow(LogFilter filter)
    {
        var follower = new Follower(this, filter);
        lock (gate)
            followers.Add(follower);
        return follower;
    }

    public void Publish(IReadOnlyList<LogEntry> entries)
    {
        lock (gate)
            foreach (var follower in followers)
                if (entries.Any(follower.Filter.Admits))
                    follower.Wake();
    }

    public sealed class Follower(LogFeed feed, LogFilter filter) : IDisposable
    {
        readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public LogFilter Filter => filter;

        internal void Wake() => news.Writer.TryWrite(true);

        /// <summary>True when there is news, false when the patience is over.</summary>
        public async Task<bool> Wait(TimeSpan patience, TimeProvider time, CancellationToken stop)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            using var timer = time.CreateTimer(static x => ((CancellationTokenSource)x!).Cancel(), limit, patience, Timeout.InfiniteTimeSpan);
            try
            {
                return await news.Reader.ReadAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return false;
            }
        }

        public void Dispose()
        {
            lock (feed.gate)
                feed.followers.Remove(this);
        }
    }
}
