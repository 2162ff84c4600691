using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>The loop that every hot path goes through: groups form while one commits, and only what fails fails.</summary>
public sealed class Groups_commit_together
{
    readonly ManualTime time = new();
    readonly ConcurrentQueue<int[]> groups = new();
    readonly SemaphoreSlim begun = new(0);

    [Fact]
    public async Task While_one_commits_the_next_one_forms()
    {
        var gate = new TaskCompletionSource();
        await using var loop = Loop(3, _ => gate.Task);
        var items = Enumerable.Range(0, 6).Select(i => new Item(i)).ToArray();
        loop.Post(items[0]);
        await begun.WaitAsync();
        foreach (var item in items[1..])
            loop.Post(item);
        Assert.False(items[0].Done.IsCompleted);

        gate.SetResult();
        await Task.WhenAll(items.Select(x => x.Done));

        Assert.Equal(["0", "1 2 3", "4 5"], groups.Select(x => string.Join(' ', x)));
    }

    [Fact]
    public async Task A_group_that_fails_is_committed_one_by_one_and_the_culprit_fails_alone()
    {
        var gate = new TaskCompletionSource();
        await using var loop = Loop(10, async group =>
        {
            await gate.Task;
            if (group.Any(x => x.Number == 2))
                throw new InvalidOperationException("two");
        });
        var items = Enumerable.Range(0, 4).Select(i => new Item(i)).ToArray();
        loop.Post(items[0]);
        await begun.WaitAsync();
        foreach (var item in items[1..])
            loop.Post(item);
        gate.SetResult();

        Assert.Equal("two", (await Assert.ThrowsAsync<InvalidOperationException>(() => items[2].Done)).Message);
        await Task.WhenAll(items[0].Done, items[1].Done, items[3].Done);
        Assert.Equal(["0", "1 2 3", "1", "2", "3"], groups.Select(x => string.Join(' ', x)));
    }

    [Fact]
    public async Task A_store_that_is_away_for_a_moment_is_waited_for()
    {
        var away = 2;
        await using var loop = Loop(10, _ => Interlocked.Decrement(ref away) >= 0 ? throw new IOException("away") : Task.CompletedTask);
        var item = new Item(0);
        loop.Post(item);

        await Pause(times: 2);
        await item.Done;
        Assert.Equal(3, groups.Count);
    }

    [Fact]
    public async Task A_store_that_stays_away_is_told_after_three_seconds()
    {
        await using var loop = Loop(10, _ => throw new TimeoutException("away"));
        var item = new Item(0);
        loop.Post(item);

        await Pause(times: 1, TimeSpan.FromSeconds(3.1));
        var told = await Assert.ThrowsAsync<StoreUnavailable>(() => item.Done);
        Assert.IsType<TimeoutException>(told.InnerException);
    }

    [Fact]
    public async Task Who_came_meanwhile_is_told_too_and_then_each_group_is_tried_once_until_one_succeeds()
    {
        var tries = new Queue<TaskCompletionSource>(Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource()));
        var answers = tries.ToArray();
        await using var loop = Loop(10, _ => tries.Dequeue().Task);
        var (first, queued, later, last) = (new Item(0), new Item(1), new Item(2), new Item(3));
        loop.Post(first);
        await begun.WaitAsync();
        loop.Post(queued);
        time.Advance(TimeSpan.FromSeconds(3));
        answers[0].SetException(new TimeoutException("away"));
        await Assert.ThrowsAsync<StoreUnavailable>(() => first.Done);
        await Assert.ThrowsAsync<StoreUnavailable>(() => queued.Done);

        loop.Post(later);
        await Pause(times: 1, waitForTry: false);
        await begun.WaitAsync();
        answers[1].SetException(new TimeoutException("away"));
        await Assert.ThrowsAsync<StoreUnavailable>(() => later.Done);

        loop.Post(last);
        await Pause(times: 1, waitForTry: false);
        await begun.WaitAsync();
        answers[2].SetResult();
        await last.Done;
        Assert.Equal(["0", "2", "3"], groups.Select(x => string.Join(' ', x)));
    }

    [Fact]
    public async Task It_ends_when_what_it_has_is_committed_and_takes_no_more()
    {
        var gate = new TaskCompletionSource();
        var loop = Loop(10, _ => gate.Task);
        var (first, second) = (new Item(0), new Item(1));
        loop.Post(first);
        await begun.WaitAsync();
        loop.Post(second);
        var ended = loop.DisposeAsync().AsTask();
        var late = new Item(2);
        loop.Post(late);
        await Assert.ThrowsAsync<StoreUnavailable>(() => late.Done);
        Assert.False(ended.IsCompleted);

        gate.SetResult();
        await ended;

        Assert.True(first.Done.IsCompletedSuccessfully && second.Done.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task What_nobody_waits_for_waits_for_company_where_company_came_before_and_goes_with_what_somebody_does()
    {
        await using var loop = Loop(10, _ => Task.CompletedTask);
        var alone = new Item(0, patient: true);
        loop.Post(alone);
        await alone.Done;

        var (patient, awaited) = (new Item(1, patient: true), new Item(2));
        loop.Post(patient);
        await UntilItWaits();
        Assert.False(patient.Done.IsCompleted);
        loop.Post(awaited);
        await Task.WhenAll(patient.Done, awaited.Done);

        var left = new Item(3, patient: true);
        loop.Post(left);
        await UntilItWaits();
        time.Advance(TimeSpan.FromMilliseconds(4));
        await left.Done;

        time.Advance(TimeSpan.FromMilliseconds(8));
        var later = new Item(4, patient: true);
        loop.Post(later);
        await later.Done;
        Assert.Equal(["0", "1 2", "3", "4"], groups.Select(x => string.Join(' ', x)));
    }

    [Fact]
    public async Task What_waits_for_company_is_committed_when_the_loop_ends()
    {
        var loop = Loop(10, _ => Task.CompletedTask);
        var (first, second) = (new Item(0, patient: true), new Item(1, patient: true));
        loop.Post(first);
        await first.Done;
        loop.Post(second);
        await UntilItWaits();
        await loop.DisposeAsync();
        Assert.True(second.Done.IsCompletedSuccessfully);
    }

    GroupLoop<Item> Loop(int limit, Func<IReadOnlyList<Item>, Task> commit) => new(limit, group =>
    {
        groups.Enqueue([.. group.Select(x => x.Number)]);
        begun.Release();
        return commit(group);
    }, time, NullLogger.Instance);

    /// <summary>Lets the loop's own pause pass, once it is in it.</summary>
    async Task Pause(int times, TimeSpan? by = null, bool waitForTry = true)
    {
        for (; times > 0; times--)
        {
            if (waitForTry)
                await begun.WaitAsync();
            await UntilItWaits();
            time.Advance(by ?? TimeSpan.FromMilliseconds(50));
        }
    }

    async Task UntilItWaits()
    {
        while (time.Waiting == 0)
            await Task.Yield();
    }

    sealed class Item(int number, bool patient = false) : IGroupItem
    {
        readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Number => number;
        public bool IsPatient => patient;
        public Task Done => done.Task;

        public void Complete() => done.TrySetResult();

        public void Fail(Exception exception) => done.TrySetException(exception);
    }
}
