using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Workers;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Executor.Logs;

/// <summary>Stores log lines in groups of their own: a chatty handler does not hold up checkpoints.</summary>
public sealed class LogWriter : IAsyncDisposable
{
    const int GroupLimit = 100;
    const int Remembered = 10_000;

    readonly ILogStore store;
    readonly LogFeed feed;
    readonly TimeProvider time;
    readonly GroupLoop<LogItem> loop;
    readonly Dictionary<RunKey, long> stored = [];

    public LogWriter(ILogStore store, LogFeed feed, TimeProvider time, ILogger logger)
    {
        (this.store, this.feed, this.time) = (store, feed, time);
        loop = new(GroupLimit, Process, time, logger);
    }

    public void Write(LiveAttempt attempt, IReadOnlyList<LogLine> lines)
    {
        if (lines.Count == 0)
            return;
        var (run, now) = (attempt.Command, time.GetUtcNow());
        loop.Post(new(run.OrgId, run.RunId,
        [
            .. lines.Select(x => new LogEntry(
                0, run.OrgId, run.RunId, run.Job, run.Attempt, x.At ?? now, LogRules.Bounded(x.Level), x.Step is null ? null : LogRules.Bounded(x.Step), LogRules.Bounded(x.Message))),
        ]));
    }

    async Task Process(IReadOnlyList<LogItem> items)
    {
        var counts = await Counts(items);
        var entries = new List<LogEntry>();
        foreach (var item in items)
        {
            var key = new RunKey(item.OrgId, item.Run);
            var (kept, closing) = LogRules.Admit(counts[key], item.Lines.Count);
            entries.AddRange(item.Lines.Take(kept));
            if (closing)
                entries.Add(item.Lines[^1] with { Level = "warn", Step = null, Message = LogRules.LastLine });
            counts[key] += kept + (closing ? 1 : 0);
        }

        if (entries.Count > 0)
            feed.Publish(await store.Append(entries));
        if (stored.Count > Remembered)
            stored.Clear();
        foreach (var (key, count) in counts)
            stored[key] = count;
    }

    /// <summary>How many lines each run has; asked of the store only for runs that are new here: an earlier attempt may have logged elsewhere.</summary>
    async Task<Dictionary<RunKey, long>> Counts(IReadOnlyList<LogItem> items)
    {
        var counts = new Dictionary<RunKey, long>();
        var unknown = new HashSet<RunKey>();
        foreach (var item in items)
        {
            var key = new RunKey(item.OrgId, item.Run);
            if (stored.TryGetValue(key, out var count))
                counts[key] = count;
            else
            {
                counts[key] = 0;
                unknown.Add(key);
            }
        }

        if (unknown.Count > 0)
            foreach (var (key, count) in await store.Count(unknown))
                counts[key] = count;
        return counts;
    }

    public ValueTask DisposeAsync() => loop.DisposeAsync();
}
