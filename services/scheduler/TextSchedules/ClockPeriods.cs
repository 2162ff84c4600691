namespace ReactorJobs.Scheduler.TextSchedules;

/// <summary>Seconds of a minute.</summary>
sealed class SecondPeriod : TimePeriod
{
    public override long Seconds => 1;

    public override int First => 0;

    public override int Last => 59;

    public override bool DividesDays => true;

    public override int Value(DateTime at) => at.Second;

    public override DateTime? Next(DateTime at, int value)
    {
        var minute = at.AddSeconds(-at.Second);
        return value > Last ? minute.AddMinutes(1) : minute.AddSeconds(value + (value <= at.Second ? 60 : 0));
    }
}

/// <summary>Minutes of an hour.</summary>
sealed class MinutePeriod : TimePeriod
{
    public override long Seconds => 60;

    public override int First => 0;

    public override int Last => 59;

    public override bool DividesDays => true;

    public override int Value(DateTime at) => at.Minute;

    public override DateTime Start(DateTime at) => at.AddSeconds(-at.Second);

    public override DateTime End(DateTime at) => Start(at).AddSeconds(59);

    public override DateTime? Next(DateTime at, int value)
    {
        var hour = at.Date.AddHours(at.Hour);
        return value > Last ? hour.AddHours(1) : hour.AddMinutes(value + (value <= at.Minute ? 60 : 0));
    }
}

/// <summary>Hours of a day.</summary>
sealed class HourPeriod : TimePeriod
{
    public override long Seconds => 3600;

    public override int First => 0;

    public override int Last => 23;

    public override bool DividesDays => true;

    public override int Value(DateTime at) => at.Hour;

    public override DateTime Start(DateTime at) => at.Date.AddHours(at.Hour);

    public override DateTime End(DateTime at) => Start(at).AddSeconds(3599);

    public override DateTime? Next(DateTime at, int value)
    {
        var hour = value > Last ? 0 : value;
        return at.Date.AddHours(hour + (hour <= at.Hour ? 24 : 0));
    }
}

/// <summary>Times of a day, as seconds since midnight: <c>5:00 pm</c> is one of 86,400.</summary>
sealed class ClockTimePeriod : TimePeriod
{
    public override long Seconds => 1;

    public override int First => 0;

    public override int Last => 86_399;

    public override bool DividesDays => true;

    public override int Value(DateTime at) => (int)at.TimeOfDay.TotalSeconds;

    public override DateTime? Next(DateTime at, int value) => at.Date.AddDays(value <= Value(at) ? 1 : 0).AddSeconds(value);
}
