using System.Globalization;
using System.Text.RegularExpressions;

namespace ReactorJobs.Hosting.Http;

/// <summary>
/// Times as callers write them: RFC 3339, in UTC where there is no zone, at midnight where there is no time of day. Nothing depends on the day or on
/// the machine's settings.
/// </summary>
public static partial class Instant
{
    public const string Rule = "must be a time as in RFC 3339, such as 2026-01-31T09:00:00Z";

    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        return Form().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
