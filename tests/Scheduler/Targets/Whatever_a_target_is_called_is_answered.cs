using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Targets;

namespace ReactorJobs.Tests.Scheduler.Targets;

/// <summary>No target, however malformed, means a handler that is not there, or another path than its own.</summary>
public sealed class Whatever_a_target_is_called_is_answered
{
    static readonly string[] Handlers = ["cleanup", "cleanup:cleanupOldMessages", "presence:sweep", "a:b:c", "odd:default", "saveImage/local", "x..y", "x:%2F"];

    static readonly string[] Pieces =
    [
        "cleanup", "cleanupOldMessages", "presence", "sweep", "default", ":", "::", ":default", "/", "..", ".", "-", "_", "%2F", "%00", "%", "?check=true", "#", "\\", " ", "\0", "\r\n", "é", "😀", "\ud83d", "A", "0",
        new string('a', 128),
    ];

    static Gen<string> Target { get; } = Gen.OneOf(
        Gen.Elements(Pieces).ListOf().Select(string.Concat), Gen.Elements(Pieces).ListOf(3).Select(string.Concat), Mutated(Gen.Elements(Handlers)), ArbMap.Default.GeneratorFor<string>().Select(x => x ?? ""));

    [Fact]
    public void With_a_handler_of_that_name_or_with_those_that_are_spelled_alike()
    {
        var (found, missed) = (0, 0);
        Prop.ForAll(Target.ToArbitrary(), target =>
        {
            if (TargetChoice.HandlerOf(target, Handlers) is { } handler)
            {
                Interlocked.Increment(ref found);
                return Handlers.Contains(handler) && (handler == target || handler + TargetChoice.Default == target);
            }

            Interlocked.Increment(ref missed);
            var nearest = TargetChoice.Nearest(target, Handlers);
            return nearest.Count <= 3 && nearest.All(Handlers.Contains) && TargetChoice.Unknown(target, nearest).Contains(target, StringComparison.Ordinal);
        }).Check(Same.WithMaxTest(10_000));
        Assert.True(found > 50 && missed > 5_000, $"{found} were found, {missed} not");
    }

    /// <summary>Services ask each other by it: as a part of a path it is one segment, which nothing takes apart, shortens or decodes to another name.</summary>
    [Fact]
    public void In_a_path_that_leads_to_it()
    {
        var fits = 0;
        Prop.ForAll(Target.ToArbitrary(), target =>
        {
            if (!HandlerName.Fits(target))
                return JobName.Fault(target) is not null;
            Interlocked.Increment(ref fits);
            var segments = new Uri(new("http://scheduler:1"), $"/internal/targets/{Uri.EscapeDataString(target)}").AbsolutePath.Split('/');
            // As the server decodes it: all escapes but that of the slash.
            return segments is ["", "internal", "targets", var segment] && HandlerName.InPath(segment.Replace("%3A", ":", StringComparison.Ordinal)) == target;
        }).Check(Same.WithMaxTest(10_000));
        Assert.True(fits > 500, $"{fits} were names");
    }

    static Config Same => Config.QuickThrowOnFailure.WithReplay(1_234_567_891, 987_654_321);

    static Gen<string> Mutated(Gen<string> good) =>
        from text in good
        from at in Gen.Choose(0, text.Length - 1)
        from with in Gen.Elements("", ":", "/", ".", "\0", "é", "a")
        select text[..at] + with + text[(at + 1)..];
}
