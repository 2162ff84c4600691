using ReactorJobs.Cli.Dev;

namespace ReactorJobs.Tests.Cli;

public sealed class A_job_without_a_target_is_told
{
    static readonly JobTarget Nightly = new("nightly", "raport");
    static readonly JobTarget Letters = new("letters", "send-letter");
    static readonly JobTarget Url = new("hook", "https://example.com/x");

    readonly ToldTargets told = new();

    static bool IsServed(string handler) => handler is "send-letter" or "https://example.com/x";

    [Fact]
    public void A_target_is_a_function_of_the_project_or_what_is_served()
    {
        JobTarget[] jobs = [Nightly, Letters, Url, new("daily", "report")];
        Assert.Equal([Nightly], MissingTargets.Among(jobs, ["report"], IsServed));
        Assert.Equal([Nightly, new("daily", "report")], MissingTargets.Among(jobs, [], IsServed));
    }

    [Theory]
    [InlineData("raport", "report")]
    [InlineData("send-leter", "send-letter")]
    [InlineData("cleanup", null)]
    public void What_it_was_meant_to_be_is_a_function_or_the_handler_of_another_job(string handler, string? meant) =>
        Assert.Equal(meant is null ? [] : [meant], MissingTargets.Meant(new("x", handler), [Letters, new("y", "cleanups")], ["report", "orders"], IsServed));

    [Fact]
    public void It_is_told_once()
    {
        Assert.Equal([Nightly], told.Compare([Nightly], [Nightly, Letters]).New);
        Assert.True(told.Any);
        Assert.Empty(told.Compare([Nightly], [Nightly, Letters]).New);
        Assert.Equal([Letters], told.Compare([Nightly, Letters], [Nightly, Letters]).New);
    }

    [Fact]
    public void Its_end_is_told_whether_the_target_came_or_the_job_was_corrected()
    {
        var corrected = Nightly with { Handler = "report" };
        told.Compare([Nightly, Letters], [Nightly, Letters]);
        var (missing, found) = told.Compare([], [corrected, Letters]);
        Assert.Empty(missing);
        Assert.Equal([corrected, Letters], found);
        Assert.False(told.Any);
    }

    [Fact]
    public void A_job_that_was_deleted_or_misspelt_anew_has_found_nothing()
    {
        var worse = Nightly with { Handler = "raprot" };
        told.Compare([Nightly, Letters], [Nightly, Letters]);
        var (missing, found) = told.Compare([worse], [worse]);
        Assert.Equal([worse], missing);
        Assert.Empty(found);
    }
}
