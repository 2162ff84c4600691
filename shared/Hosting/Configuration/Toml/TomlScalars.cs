using System.Globalization;
using System.Text.RegularExpressions;

namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>Values that are written without quotes or brackets: numbers, times, <c>true</c> and <c>false</c>.</summary>
static partial class TomlScalars
{
    public static TomlValue Read(TomlPosition at, string word) =>
        word is "true" or "false" ? new TomlBoolean(at, word == "true")
        : Decimal().IsMatch(word) ? new TomlInteger(at, ParseDecimal(at, word))
        : Based().Match(word) is { Success: true } based ? new TomlInteger(at, ParseBased(at, word, based))
        : Float().IsMatch(word) ? new TomlFloat(at, double.Parse(Digits(word), NumberStyles.Float, CultureInfo.InvariantCulture))
        : Special().IsMatch(word) ? new TomlFloat(at, ParseSpecial(word))
        : TomlTimes.LooksLikeOne(word) ? TomlTimes.Read(at, word)
        : throw new TomlException(at, Complaint(word));

    static long ParseDecimal(TomlPosition at, string word) =>
        long.TryParse(Digits(word), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw TooLarge(at, word);

    static long ParseBased(TomlPosition at, string word, Match based)
    {
        var bits = word[1] switch { 'x' => 4, 'o' => 3, _ => 1 };
        var number = 0L;
        foreach (var digit in Digits(based.Groups["digits"].Value))
        {
            if (number > long.MaxValue >> bits)
                throw TooLarge(at, word);
            number = (number << bits) | Convert.ToInt64(digit.ToString(), 16);
        }

        return number;
    }

    // The sign of nan means nothing.
    static double ParseSpecial(string word) =>
        word.EndsWith("nan", StringComparison.Ordinal) ? double.NaN : word[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;

    static string Digits(string word) => word.Replace("_", "", StringComparison.Ordinal);

    static TomlException TooLarge(TomlPosition at, string word) => new(at, $"{TomlQuote.Of(word)} does not fit into 64 bits");

    static string Complaint(string word)
    {
        var shown = TomlQuote.Of(word);
        if (word.ToLowerInvariant() is "true" or "false" or "inf" or "nan")
            return $"{shown} is no value: write it in lower case";
        if (!char.IsAsciiDigit(word[0]) && word[0] is not ('+' or '-' or '.'))
            return $"{shown} is no value: a string needs quotes";
        if (LeadingZero().IsMatch(word))
            return $"{shown} is no number: it may not begin with a zero that counts for nothing";
        if (word.Contains('_', StringComparison.Ordinal))
            return $"{shown} is no number: an underscore stands between two digits";
        return $"{shown} is neither a number nor a time; a string needs quotes";
    }

    [GeneratedRegex(@"^[+-]?(?:0|[1-9](?:_?[0-9])*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();

    [GeneratedRegex(@"^(?:0x(?<digits>[0-9A-Fa-f](?:_?[0-9A-Fa-f])*)|0o(?<digits>[0-7](?:_?[0-7])*)|0b(?<digits>[01](?:_?[01])*))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Based();

    [GeneratedRegex(@"^[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    [GeneratedRegex(@"^[+-]?(?:inf|nan)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Special();

    [GeneratedRegex(@"^[+-]?0[0-9_]", RegexOptions.CultureInvariant)]
    private static partial Regex LeadingZero();
}
