using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;
using ReactorJobs.Cli.Runs;

namespace ReactorJobs.Tests.Cli;

public sealed class A_run_is_drawn_as_a_timeline
{
    static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("timeline-completed.txt", Samples.Completed)]
    [InlineData("timeline-sleeping.txt", Samples.Sleeping)]
    [InlineData("timeline-failed.txt", Samples.Failed)]
    [InlineData("timeline-without-steps.txt", Samples.Pending)]
    public void As_approved(string file, string run)
    {
        var drawn = Timeline.Render(ApiAnswer.Read(run), new View(new Paint(false), Now, Width: null));
        var approved = Path.Combine(AppContext.BaseDirectory, "Approved", file);
        // To approve a change, look at it and copy it over the one in the sources.
        File.WriteAllText($"{approved}.received", drawn);
        Assert.Equal(File.ReadAllText(approved), drawn);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public void The_bars_fit_the_terminal_unless_it_is_very_narrow(int width)
    {
        var drawn = Timeline.Render(ApiAnswer.Read(Samples.Completed), new View(new Paint(false), Now, width));
        var steps = drawn.Split('\n').SkipWhile(l => !l.StartsWith("STEP", StringComparison.Ordinal)).TakeWhile(l => l.Length > 0);
        Assert.All(steps, line => Assert.InRange(line.Length, 1, Math.Max(width, 60)));
    }

    [Fact]
    public void A_span_is_at_least_one_cell_and_never_leaves_the_axis()
    {
        var axis = new TimeAxis(Now, Now.AddSeconds(10), 10);
        Assert.Equal("█", axis.Bar(new StepSpan(Now, Now.AddMilliseconds(1)), TimeAxis.Work));
        Assert.Equal("         █", axis.Bar(new StepSpan(Now.AddSeconds(10), Now.AddSeconds(10)), TimeAxis.Work));
        Assert.Equal("     ░░░░░", axis.Bar(new StepSpan(Now.AddSeconds(5), Now.AddSeconds(10)), TimeAxis.Sleep));
        Assert.Equal("0      10s", axis.Scale());
    }

    [Fact]
    public async Task Ids_come_from_standard_input_and_a_missing_run_does_not_keep_the_others_from_their_turn()
    {
        await using var api = await FakeApi.Start();
        api.Answers(Samples.Completed).Refuses(404, "run_not_found", "No such run.").Answers(Samples.Sleeping);
        using var shell = new Shell(api) { Input = "run_1\nrun_x\n\nrun_2\nrun_1\n" };

        var ended = await shell.Run("jobs", "runs", "get", "-", "-o", "ids");

        Assert.Equal("run_1\nrun_2\n", ended.Out);
        Assert.StartsWith("error: run_x: No such run. (run_not_found)", ended.Error, StringComparison.Ordinal);
        Assert.Equal(4, ended.Exit);
        Assert.Equal(3, api.Requests.Count);
    }

    [Fact]
    public async Task A_run_of_another_job_than_the_named_one_is_not_found()
    {
        await using var api = await FakeApi.Start();
        api.Answers(Samples.Completed);
        using var shell = new Shell(api);
        var ended = await shell.Run("jobs", "runs", "get", "welcome", "run_1");
        Assert.Equal(4, ended.Exit);
        Assert.Equal("error: run_1 is a run of process-order, not of welcome\n", ended.Error);
    }
}
