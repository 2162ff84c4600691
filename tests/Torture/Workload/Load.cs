using System.Collections.Concurrent;
using ReactorJobs.Tests.Torture.Suites;

namespace ReactorJobs.Tests.Torture.Workload;

/// <summary>The clients at work. They trigger in waves that are let in from outside, so that the last fault finds as much under way as the first.</summary>
sealed class Load(TorturedSuite suite, IReadOnlyList<WorkItem> items, TimeProvider time) : IAsyncDisposable
{
    const int Clients = 12;
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    readonly Dictionary<string, Client> clients = [];
    readonly ConcurrentQueue<Call> calls = new();
    readonly ConcurrentQueue<WorkItem> open = new();
    readonly ConcurrentQueue<Task> cancels = new();
    int next;
    int letIn;

    public IReadOnlyCollection<Call> Calls => calls;

    public int Asked => Math.Min(Volatile.Read(ref next), items.Count);

    public void LetIn(int upTo) => Volatile.Write(ref letIn, upTo);

    /// <summary>Triggers everything, as it is let in.</summary>
    public async Task Run(CancellationToken stop)
    {
        foreach (var (org, token) in suite.Tokens)
            clients[org] = new(suite.Url, org, token, calls, time);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => Work(stop), stop)));
    }

    /// <summary>When all is well again, whoever wanted to return does; the cancels have their answers.</summary>
    public async Task Settle(CancellationToken stop)
    {
        await Parallel.ForEachAsync(open.Where(x => x.Habit == Habit.ReturnsLater), new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = stop },
            async (item, ct) => await clients[item.Org].Persist(item, ct));
        await Task.WhenAll(cancels);
    }

    async Task Work(CancellationToken stop)
    {
        while (Interlocked.Increment(ref next) is var number && number <= items.Count)
        {
            while (number > Volatile.Read(ref letIn))
                await Task.Delay(Look, time, stop);
            var item = items[number - 1];
            if (await clients[item.Org].Start(item, stop) is not { } run)
                open.Enqueue(item);
            else if (item.CancelAfter is { } after)
                cancels.Enqueue(Cancel(item, run, after, stop));
        }
    }

    async Task Cancel(WorkItem item, string run, TimeSpan after, CancellationToken stop)
    {
        await Task.Delay(after, time, stop);
        // An end that was seen is one that no cancel changes.
        await clients[item.Org].Look(item, run);
        await clients[item.Org].Cancel(item, run, stop);
        await clients[item.Org].Look(item, run);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var client in clients.Values)
            client.Dispose();
        return ValueTask.CompletedTask;
    }
}
