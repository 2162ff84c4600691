using System.Globalization;

namespace ReactorJobs.Cli.Output;

/// <summary>Instants: relative in lists where they are recent, RFC 3339 UTC with milliseconds where one is looked at.</summary>
static class Times
{
    static readonly TimeSpan Recent = TimeSpan.FromDays(7);

    public static string Relative(DateTimeOffset at, DateTimeOffset now)
    {
        var age = now - at;
        // Clocks differ by a little: a moment ahead is not the future.
        if (age.Duration() < TimeSpan.FromSeconds(1)) return "just now";
        if (age.Duration() >= Recent) return at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return age > TimeSpan.Zero ? $"{Coarse(age)} ago" : $"in {Coarse(-age)}";
    }

    public static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string IsoAndRelative(DateTimeOffset at, DateTimeOffset now) =>
        (now - at).Duration() < Recent ? $"{Iso(at)} ({Relative(at, now)})" : Iso(at);

    /// <summary>An instant, or a duration before now (<c>--since 1h</c>). Without an offset it is UTC, as everywhere in the API.</summary>
    public static string Since(string option, string text, DateTimeOffset now) =>
        Durations.TryParse(text, out var ago) ? Iso(now - ago) : Instant(option, text, "write 2026-01-31T09:00:00Z, or 1h for an hour ago");

    public static string Instant(string option, string text, string hint = "write 2026-01-31T09:00:00Z, or with an offset +02:00")
    {
        const DateTimeStyles AsUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, AsUtc, out var at)
            ? Iso(at)
            : throw Failure.Usage($"{option} {text}: not a time", hint);
    }

    static string Coarse(TimeSpan span) => span switch
    {
        { TotalMinutes: < 1 } => $"{(int)span.TotalSeconds}s",
        { TotalHours: < 1 } => $"{(int)span.TotalMinutes}m",
        { TotalDays: < 1 } => $"{(int)span.TotalHours}h",
        _ => $"{(int)span.TotalDays}d",
    };
}
