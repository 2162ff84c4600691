using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

/// <summary>What a fire does while runs of its trigger have not ended (product B2).</summary>
public sealed class Overlapping_fires_are_decided
{
    [Theory]
    [InlineData(Overlap.Allow)]
    [InlineData(Overlap.Skip)]
    [InlineData(Overlap.Queue)]
    [InlineData(Overlap.CancelRunning)]
    public void Alone_it_starts(string policy) => Assert.IsType<Overlap.Start>(Overlap.Of(policy, []));

    [Fact]
    public void Allowed_it_starts_beside_others() => Assert.IsType<Overlap.Start>(Overlap.Of(Overlap.Allow, Runs(3)));

    [Fact]
    public void Skipped_it_names_the_run_that_has_not_ended() =>
        Assert.Equal(new Overlap.Omit($"{Runs(2)[1]} has not ended"), Overlap.Of(Overlap.Skip, Runs(2)));

    [Fact]
    public void Queued_it_waits() => Assert.IsType<Overlap.Wait>(Overlap.Of(Overlap.Queue, Runs(1)));

    [Fact]
    public void Too_long_a_queue_takes_no_more()
    {
        Assert.IsType<Overlap.Wait>(Overlap.Of(Overlap.Queue, Runs(Overlap.LongestQueue)));
        Assert.Equal(new Overlap.Omit("1001 runs of this trigger have not ended, and no more than 1000 wait"), Overlap.Of(Overlap.Queue, Runs(Overlap.LongestQueue + 1)));
    }

    [Fact]
    public void Cancelling_takes_all_that_have_not_ended() =>
        Assert.Equal(Runs(2), Assert.IsType<Overlap.Replace>(Overlap.Of(Overlap.CancelRunning, Runs(2))).Runs);

    static RunId[] Runs(int count) => [.. Enumerable.Range(1, count).Select(i => new RunId(new Guid(i, 0, 0, new byte[8])))];
}
