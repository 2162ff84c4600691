using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Runtime;

/// <summary>What a pool decides with. Nothing here touches anything.</summary>
static class PoolRules
{
    /// <summary>After so many crashes without anything done in between, work fails rather than wait for a process that holds.</summary>
    const int PatientCrashes = 3;
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>The process that takes the next piece of work: the one with the least, if any has room.</summary>
    public static FunctionProcess? Choose(IEnumerable<FunctionProcess> processes, int slots) =>
        processes.Where(x => x.TakesWork && x.Busy < slots).MinBy(x => x.Busy);

    public static bool MayStart(int processes, int most, DateTimeOffset notBefore, DateTimeOffset now) => processes < most && now >= notBefore;

    /// <summary>How long no process is started after the nth crash in a row.</summary>
    public static TimeSpan PauseAfter(int crashes) =>
        crashes == 0 ? TimeSpan.Zero : crashes > 12 ? LongestPause : TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << (crashes - 1)));

    public static bool IsHopeless(int crashes) => crashes >= PatientCrashes;

    public static RunError Repeated(RunError error, int crashes) =>
        IsHopeless(crashes) ? error with { Message = $"{error.Message} This was the {Ordinal(crashes)} time in a row." } : error;

    static string Ordinal(int number) => number + ((number % 100) is >= 11 and <= 13 ? "th" : (number % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" });
}
