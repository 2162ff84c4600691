using ReactorJobs.Scheduler.Targets;

namespace ReactorJobs.Tests.Scheduler;

public sealed class Targets_are_found_by_their_names
{
    static readonly string[] Handlers = ["cleanup", "cleanup:cleanupOldMessages", "presence:sweep", "a:b:c", "odd:default"];

    [Theory]
    [InlineData("cleanup:cleanupOldMessages", "cleanup:cleanupOldMessages")]
    [InlineData("cleanup", "cleanup")]
    [InlineData("cleanup:default", "cleanup")]
    [InlineData("odd:default", "odd:default")]
    [InlineData("a:b:c", "a:b:c")]
    [InlineData("presence", null)]
    [InlineData("presence:default", null)]
    [InlineData("presence:Sweep", null)]
    [InlineData(":default", null)]
    public void A_target_is_a_function_or_its_export(string target, string? handler) => Assert.Equal(handler, TargetChoice.HandlerOf(target, Handlers));

    [Theory]
    [InlineData("cleanup:cleanupOldMesages", "cleanup:cleanupOldMessages")]
    [InlineData("presense:sweep", "presence:sweep")]
    [InlineData("presence", "presence:sweep")]
    [InlineData("presence:polish", "presence:sweep")]
    [InlineData("clean", "cleanup cleanup:cleanupOldMessages")]
    [InlineData("weather:report", "")]
    public void What_is_spelled_alike_is_named(string target, string nearest) => Assert.Equal(nearest, string.Join(' ', TargetChoice.Nearest(target, Handlers)));

    [Fact]
    public void A_mistake_is_told_with_what_was_meant()
    {
        Assert.Equal("There is no job and no function's export \"a:x\".", TargetChoice.Unknown("a:x", []));
        Assert.Equal("There is no job and no function's export \"a:x\"; did you mean a:y or a:z?", TargetChoice.Unknown("a:x", ["a:y", "a:z"]));
    }
}
