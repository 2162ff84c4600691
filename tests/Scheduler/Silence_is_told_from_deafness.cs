using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>An executor that says nothing is gone, and its attempts with it; unless it is the scheduler that hears nothing.</summary>
public sealed class Silence_is_told_from_deafness
{
    readonly MemoryRunStore store = new();
    readonly RunBench bench;

    public Silence_is_told_from_deafness()
    {
        store.Register(Given.Job());
        bench = new RunBench(store).Serving();
    }

    [Fact]
    public async Task A_silent_executor_is_given_up_by_who_hears()
    {
        await bench.Accept();
        await Pass(seconds: 14, hearing: true);
        Assert.NotEmpty(Losses);
    }

    [Fact]
    public async Task An_executor_that_speaks_keeps_its_attempts()
    {
        await bench.Accept();
        await Pass(seconds: 60, hearing: true, speaking: true);
        Assert.Empty(Losses);
    }

    [Fact]
    public async Task Who_is_deaf_gives_nobody_up()
    {
        await bench.Accept();
        await Pass(seconds: 600, hearing: false);
        Assert.True(bench.Hearing.Since is null);
        Assert.Empty(Losses);
    }

    [Fact]
    public async Task Silence_counts_from_the_moment_of_hearing_again()
    {
        await bench.Accept();
        await Pass(seconds: 60, hearing: false);
        await Pass(seconds: 9, hearing: true);
        Assert.Empty(Losses);
        await Pass(seconds: 5, hearing: true);
        Assert.NotEmpty(Losses);
        Assert.Equal(2, bench.Hearing.Times);
    }

    [Fact]
    public async Task A_process_that_was_stopped_for_a_while_has_heard_nothing_meanwhile()
    {
        await bench.Accept();
        await Pass(seconds: 9, hearing: true, speaking: true);
        bench.Time.Advance(TimeSpan.FromSeconds(30));
        await bench.Reconciler.Sweep();
        bench.Hearing.Heard();
        await bench.Reconciler.Sweep();
        Assert.Empty(Losses);
    }

    IEnumerable<RunItem> Losses => bench.Posted.OfType<LocalItem<AttemptLost>>();

    async Task Pass(int seconds, bool hearing, bool speaking = false)
    {
        for (var i = 0; i < seconds; i++)
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            if (hearing)
                bench.Hearing.Heard();
            if (speaking)
                bench.Serving();
            await bench.Reconciler.Sweep();
        }
    }
}
