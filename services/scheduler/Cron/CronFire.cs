using System.Globalization;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>A nominal time of a schedule: the instant at which it is due, whatever happens then.</summary>
/// <param name="At">In UTC.</param>
/// <param name="Offset">Of the schedule's zone at that instant.</param>
/// <param name="Change">What a change of the clocks has to do with it.</param>
public readonly record struct CronFire(DateTimeOffset At, TimeSpan Offset, ClockChange? Change)
{
    /// <summary>What the clocks of the schedule's zone show.</summary>
    public DateTimeOffset Local => At.ToOffset(Offset);

    /// <summary>For people, where there is something to know.</summary>
    public string? Note => Change?.Note;
}

/// <summary>What the clocks' change does to a schedule (semantics 23).</summary>
public enum ClockEffect
{
    /// <summary>A fixed time is skipped by the clocks; the schedule fires at the first moment after.</summary>
    Moved,

    /// <summary>Times that are no fixed ones are skipped by the clocks, and left out; this is the first one after them.</summary>
    LeftOut,

    /// <summary>A fixed time comes twice; this is the first pass, and the second does not count.</summary>
    FirstOfTwo,

    /// <summary>A time that is no fixed one comes twice, and counts twice; this is the second pass.</summary>
    SecondOfTwo,
}

/// <param name="Time">The local time that the clocks skip (the first, where there are more), or show twice.</param>
/// <param name="From">What the clocks would have shown at the change.</param>
/// <param name="To">What they show instead.</param>
public sealed record ClockChange(ClockEffect Effect, DateTime Time, DateTime From, DateTime To)
{
    public string Note => Effect switch
    {
        ClockEffect.Moved => $"moved: {Show(Time)} does not exist, {Go}",
        ClockEffect.LeftOut => $"left out before this: {Show(Time)} does not exist, {Go}",
        ClockEffect.FirstOfTwo => $"{Show(Time)} comes twice, {Go}; only this first one counts",
        _ => $"{Show(Time)} comes twice, {Go}; this is the second one",
    };

    string Go => $"the clocks go {(To > From ? "forward" : "back")} from {Show(From)} to {(To.Date == From.Date ? To.ToString("HH:mm", CultureInfo.InvariantCulture) : Show(To))}";

    static string Show(DateTime local) => local.ToString(local.Second == 0 ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
