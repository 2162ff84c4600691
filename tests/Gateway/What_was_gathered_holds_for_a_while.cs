using ReactorJobs.Hosting.Http;
using ReactorJobs.Ingress.Gateway;
using ReactorJobs.Tests.Events;

namespace ReactorJobs.Tests.Gateway;

public sealed class What_was_gathered_holds_for_a_while
{
    static readonly TimeSpan Holds = TimeSpan.FromSeconds(60);
    readonly ManualTime time = new();
    readonly Queue<Task<string?>> answers = [];

    [Fact]
    public async Task And_is_gathered_anew_afterwards()
    {
        var gathered = Gathering("one", "two");
        Assert.Equal("one", await gathered.Get(default));
        time.Advance(Holds - TimeSpan.FromTicks(1));
        Assert.Equal("one", await gathered.Get(default));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("two", await gathered.Get(default));
    }

    [Fact]
    public async Task And_longer_while_a_part_is_missing()
    {
        var gathered = Gathering("one", null, "three");
        await gathered.Get(default);
        time.Advance(Holds);
        Assert.Equal("one", await gathered.Get(default));
        Assert.Equal("three", await gathered.Get(default));
    }

    [Fact]
    public async Task And_without_anything_the_answer_is_to_try_again()
    {
        var gathered = Gathering(null, "two");
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => gathered.Get(default));
        Assert.Equal((503, "unavailable"), (refusal.Problem.Status, refusal.Problem.Code));
        Assert.Equal("two", await gathered.Get(default));
    }

    [Fact]
    public async Task And_whoever_asks_meanwhile_waits_for_the_same()
    {
        var (gathered, slow) = (Gathering(), new TaskCompletionSource<string?>());
        answers.Enqueue(slow.Task);
        var (one, other) = (gathered.Get(default), gathered.Get(default));
        slow.SetResult("one");
        Assert.Equal(("one", "one"), (await one, await other));
    }

    Gathered<string> Gathering(params string?[] texts)
    {
        foreach (var text in texts)
            answers.Enqueue(Task.FromResult(text));
        return new(answers.Dequeue, Holds, time);
    }
}
