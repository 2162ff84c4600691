using System.Globalization;
using System.Xml;

namespace ReactorJobs.Cli.Output;

/// <summary>Durations as people write and read them: <c>500ms 30s 5m 24h 7d</c>, <c>1h30m</c>, ISO 8601, or a number of milliseconds.</summary>
static class Durations
{
    public static string Format(TimeSpan span)
    {
        if (span < TimeSpan.Zero) return "-" + Format(-span);
        // Rounded before the unit is chosen, so that 59.96 s is a minute and not "60.0s".
        var milliseconds = Math.Round(span.TotalMilliseconds);
        if (milliseconds < 1000) return string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");
        var tenths = Math.Round(span.TotalSeconds, 1);
        if (tenths < 60) return string.Create(CultureInfo.InvariantCulture, $"{tenths:0.#}s");
        var seconds = (long)Math.Round(span.TotalSeconds);
        if (seconds < 3600) return Two(seconds / 60, "m", seconds % 60, "s");
        var minutes = (long)Math.Round(span.TotalMinutes);
        if (minutes < 24 * 60) return Two(minutes / 60, "h", minutes % 60, "m");
        var hours = (long)Math.Round(span.TotalHours);
        return Two(hours / 24, "d", hours % 24, "h");
    }

    public static bool TryParse(string text, out TimeSpan span)
    {
        span = default;
        text = text.Trim();
        if (text.StartsWith('P')) return TryParseIso(text, out span);
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var bare)) return InRange(bare, out span);
        double total = 0;
        var at = 0;
        while (at < text.Length)
        {
            var digits = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) at++;
            var unit = at;
            while (at < text.Length && char.IsAsciiLetter(text[at])) at++;
            if (!double.TryParse(text.AsSpan(digits, unit - digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                || Milliseconds(text.AsSpan(unit, at - unit)) is not { } each) return false;
            total += count * each;
        }
        return text.Length > 0 && InRange(total, out span);
    }

    /// <summary>An option's value, or a usage error that says which forms there are.</summary>
    public static TimeSpan Option(string option, string text) =>
        TryParse(text, out var span) ? span : throw Failure.Usage($"{option} {text}: not a duration", "write 500ms, 30s, 5m, 24h, 7d or PT5M");

    static bool TryParseIso(string text, out TimeSpan span)
    {
        try
        {
            span = XmlConvert.ToTimeSpan(text);
            return span >= TimeSpan.Zero;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            span = default;
            return false;
        }
    }

    static bool InRange(double milliseconds, out TimeSpan span)
    {
        var fits = milliseconds < TimeSpan.MaxValue.TotalMilliseconds;
        span = fits ? TimeSpan.FromMilliseconds(milliseconds) : default;
        return fits;
    }

    static double? Milliseconds(ReadOnlySpan<char> unit) => unit switch
    {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => null,
    };

    static string Two(long large, string largeUnit, long small, string smallUnit) =>
        string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}{(small == 0 ? "" : $" {small}{smallUnit}")}");
}
