using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Processes;

/// <summary>
/// Keeps the contract of <see cref="GroupLoop{T}"/> in simulated time: one group at a time, tried again for a while when the store is away,
/// and item by item when the group fails otherwise.
/// </summary>
public sealed class GroupPump<T>(Life life, int limit, Func<IReadOnlyList<T>, Task> commit) where T : class, IGroupItem
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    readonly Queue<T> waiting = new();
    readonly Queue<T> alone = new();
    readonly Dictionary<T, Action<Exception?>> told = new(ReferenceEqualityComparer.Instance);
    bool busy;

    public bool IsIdle => !busy && waiting.Count == 0;

    public void Post(T item) => Post(item, null);

    /// <param name="done">Called when the item is committed, or with why it is not.</param>
    public void Post(T item, Action<Exception?>? done)
    {
        if (life.IsOver)
            return;
        if (done is not null)
            told[item] = done;
        waiting.Enqueue(item);
        if (!busy)
            Next();
    }

    void Next()
    {
        busy = alone.Count + waiting.Count > 0;
        if (busy)
            life.After(life.World.Between(0.1, 3), Begin);
    }

    void Begin()
    {
        var group = new List<T>();
        if (alone.TryDequeue(out var one))
            group.Add(one);
        else
            for (var most = life.World.Dice.Next(1, limit); group.Count < most && waiting.TryDequeue(out var item);)
                group.Add(item);
        Commit(group, life.World.Now);
    }

    void Commit(List<T> group, DateTimeOffset started)
    {
        try
        {
            Synchronous.Run(commit(group));
        }
        catch (IOException) when (life.World.Now - started <= Patience)
        {
            life.After(Pause, () => Commit(group, started));
            return;
        }
        catch (IOException exception)
        {
            foreach (var item in group)
                Tell(item, new StoreUnavailable("The database does not answer.", exception));
            Next();
            return;
        }
        catch (Exception exception) when (exception is not ProcessCrash && group.Count == 1)
        {
            Tell(group[0], exception);
            Next();
            return;
        }
        catch (Exception exception) when (exception is not ProcessCrash)
        {
            life.World.Say($"{life.Process.Name} goes on one by one: {exception.Message}");
            foreach (var item in group)
                alone.Enqueue(item);
            Next();
            return;
        }

        foreach (var item in group)
            Tell(item, null);
        Next();
    }

    void Tell(T item, Exception? failure)
    {
        if (failure is null)
            item.Complete();
        else
            item.Fail(failure);
        if (told.Remove(item, out var done))
            done(failure);
    }
}

/// <summary>Everything a world awaits is complete already; a task that is not would bring threads into it.</summary>
public static class Synchronous
{
    public static void Run(Task task)
    {
        if (!task.IsCompleted)
            throw new InvalidOperationException("A simulated step does not wait.");
        task.GetAwaiter().GetResult();
    }

    public static TResult Run<TResult>(Task<TResult> task)
    {
        Run((Task)task);
        return task.Result;
    }
}
