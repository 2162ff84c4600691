namespace ReactorJobs.Scheduler.Cron;

/// <summary>The local times that a schedule names, whatever zone's clocks show them: those of a crontab expression, or of a text.</summary>
public interface IClockTimes
{
    /// <summary>As it was written.</summary>
    string Text { get; }

    /// <summary>
    /// Whether it names times of day rather than going with the clocks: these happen once a day, whatever the clocks do (semantics 23).
    /// </summary>
    bool IsFixed { get; }

    /// <summary>Itself, or what of it is fixed and what is not, apart.</summary>
    IReadOnlyList<IClockTimes> Parts { get; }

    /// <summary>The first of its times from a local time on (itself included) and before another.</summary>
    DateTime? First(DateTime from, DateTime before);

    /// <summary>The last of its times from a local time on (itself included) and before another.</summary>
    DateTime? Last(DateTime from, DateTime before);

    /// <summary>Its times from a local time on; itself too, as often as one of them lasts that has begun before (semantics 24).</summary>
    IEnumerable<DateTime> From(DateTime from);

    /// <summary>How many of its times last, and have begun before a local time.</summary>
    int HoldingAt(DateTime at);
}
