namespace ReactorJobs.Hosting.Bus;

/// <summary>
/// Whether this process hears the bus: it has heard something lately, were it a word of its own, which goes the way that the others' words
/// come and is said often enough. That a consumer seems to be there proves nothing. What has not been heard of while this process was deaf
/// may be well: silence counts from the moment it hears.
/// </summary>
public sealed class BusHearing(TimeProvider time)
{
    /// <summary>How often whoever depends on it has to say a word of its own.</summary>
    public static readonly TimeSpan SpeakEvery = TimeSpan.FromSeconds(1);

    /// <summary>Less than the silence after which anybody is given up.</summary>
    static readonly TimeSpan DeafAfter = TimeSpan.FromSeconds(5);

    readonly Lock gate = new();
    readonly long began = time.GetTimestamp();
    long? last;
    long since;

    /// <summary>The queue that it listens to; none where nobody depends on hearing.</summary>
    public string? Queue { get; set; }

    /// <summary>Counts the times that it began to hear.</summary>
    public int Times { get; private set; }

    /// <summary>The timestamp from which on silence counts; null while it is deaf.</summary>
    public long? Since
    {
        get
        {
            lock (gate)
                return Hears(time.GetTimestamp()) ? since : null;
        }
    }

    /// <summary>It listens, and has heard nothing for too long.</summary>
    public bool IsDeaf
    {
        get
        {
            lock (gate)
                return Queue is not null && time.GetElapsedTime(last ?? began) > DeafAfter;
        }
    }

    public void Heard()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (!Hears(now))
            {
                since = now;
                Times++;
            }

            last = now;
        }
    }

    bool Hears(long now) => last is { } heard && time.GetElapsedTime(heard, now) <= DeafAfter;
}
