using System.Globalization;
using System.Text;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>A text that is no cron schedule. The message is a sentence without its end that names the field, the text and what is allowed.</summary>
/// <param name="field">As in <see cref="CronField.Name"/>, or <c>schedule</c> where it is the whole.</param>
/// <param name="text">What is wrong, as it was written.</param>
/// <param name="position">Where that begins, in characters from 1.</param>
public sealed class CronException(string field, string text, int position, string rule) : Exception(
    string.Create(CultureInfo.InvariantCulture, $"{field} {Quote(text)} at position {position}: {rule}"))
{
    const int LongestQuote = 40;

    public string Field { get; } = field;

    public string Text { get; } = text;

    public int Position { get; } = position;

    /// <summary>In quotes, short, and in one line.</summary>
    static string Quote(string text)
    {
        var shown = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes().Take(LongestQuote))
            shown.Append(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                ? $"\\u{rune.Value:X4}"
                : rune.ToString());
        return shown.Append(text.EnumerateRunes().Skip(LongestQuote).Any() ? "…\"" : "\"").ToString();
    }
}
