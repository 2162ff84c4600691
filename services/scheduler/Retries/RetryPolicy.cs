namespace ReactorJobs.Scheduler.Retries;

/// <summary>
/// When a failed attempt is followed by another. Delays are in milliseconds; <paramref name="Jitter"/> is the share of a delay by which it may
/// be shorter or longer (0 to 1).
/// </summary>
public sealed record RetryPolicy(int MaxAttempts, string Backoff, long InitialMs, long MaxMs, double Multiplier, double Jitter)
{
    public const string Exponential = "exponential";
    public const string Linear = "linear";
    public const int MostAttempts = 1000;

    /// <summary>Handlers may ask for a longer pause than the policy's, but not for one that outlasts anyone's patience.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    public static RetryPolicy Default(int maxAttempts) => new(maxAttempts, Exponential, 1_000, 60_000, 2, 0);

    /// <summary>
    /// The pause after the given attempt failed (1 for the first). A longer <paramref name="retryAfterMs"/> wins: the handler knows
    /// when its upstream will answer again.
    /// </summary>
    /// <param name="dice">From 0 (inclusive) to 1 (exclusive).</param>
    public TimeSpan DelayAfter(int attempt, long? retryAfterMs, double dice)
    {
        var delay = Backoff == Linear ? InitialMs * (double)attempt : InitialMs * Math.Pow(Multiplier, attempt - 1);
        delay = Math.Min(delay, MaxMs);
        delay *= 1 - Jitter + (2 * Jitter * dice);
        var asked = Math.Clamp(retryAfterMs ?? 0, 0, LongestRetryAfter.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Round(Math.Max(delay, asked)));
    }
}
