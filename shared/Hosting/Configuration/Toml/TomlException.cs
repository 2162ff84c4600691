using System.Globalization;
using System.Text;

namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>A document that is no TOML 1.0; the message is a sentence without its end, in one line.</summary>
public sealed class TomlException(TomlPosition at, string message) : Exception(message)
{
    public TomlPosition At { get; } = at;
}

/// <summary>Text from a document as it is shown to people: in quotes, short, and in one line.</summary>
static class TomlQuote
{
    const int Longest = 60;

    public static string Of(string text)
    {
        var shown = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes().Take(Longest))
            shown.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator =>
                    $"\\u{rune.Value:X4}",
                _ => rune.ToString(),
            });
        return shown.Append(text.EnumerateRunes().Skip(Longest).Any() ? "…\"" : "\"").ToString();
    }

    public static string OfCharacter(int codePoint) => codePoint switch
    {
        -1 => "the end of the file",
        '\n' or '\r' => "the end of the line",
        < 0x20 or 0x7f => $"the control character U+{codePoint:X4}",
        _ => Of(char.ConvertFromUtf32(codePoint)),
    };
}
