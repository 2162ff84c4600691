using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace ReactorJobs.Hosting.Http;

/// <summary>Durations as the API spells them: <c>500ms 30s 5m 24h 7d</c>, ISO 8601 (<c>PT1H30M</c>), or a number of milliseconds.</summary>
public static partial class Duration
{
    /// <summary>Anything longer is a mistake: a hundred years.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(36_525);

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (Short().Match(text) is { Success: true } match)
        {
            var number = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var unit = match.Groups[2].Value switch { "" or "ms" => 1d, "s" => 1e3, "m" => 60e3, "h" => 3600e3, _ => 86400e3 };
            return Accept(number * unit, out duration);
        }

        if (!text.StartsWith('P'))
            return false;
        try
        {
            return Accept(XmlConvert.ToTimeSpan(text).TotalMilliseconds, out duration);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>The shortest spelling of whole milliseconds: <c>24h</c> is <c>1d</c>.</summary>
    public static string Text(TimeSpan duration)
    {
        var ms = (long)duration.TotalMilliseconds;
        foreach (var (unit, length) in new[] { ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000) })
            if (ms > 0 && ms % length == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{ms / length}{unit}");
        return string.Create(CultureInfo.InvariantCulture, $"{ms}ms");
    }

    static bool Accept(double ms, out TimeSpan duration)
    {
        var ok = ms >= 0 && ms <= Longest.TotalMilliseconds;
        duration = ok ? TimeSpan.FromMilliseconds(ms) : default;
        return ok;
    }

    [GeneratedRegex(@"^([0-9]{1,15}(?:\.[0-9]{1,6})?)(ms|s|m|h|d|)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Short();
}
