namespace ReactorJobs.Tests.Webhooks;

/// <summary>The machine's clock, put forward at will; timers go as ever, so that what runs by them is not held up.</summary>
public sealed class ShiftedTime : TimeProvider
{
    long ticks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref ticks));

    public override long GetTimestamp() => base.GetTimestamp() + (long)(TimeSpan.FromTicks(Interlocked.Read(ref ticks)).TotalSeconds * TimestampFrequency);
}
