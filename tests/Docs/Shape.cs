using System.Text.RegularExpressions;

namespace ReactorJobs.Tests.Docs;

/// <summary>Compares an output with the one that a page shows: ids, times and widths may differ, and a line of <c>…</c> stands for any lines.</summary>
static partial class Shape
{
    const string Anything = "…";

    public static void Check(Command command, string actual)
    {
        if (command.Output is null)
            return;
        var (expected, printed) = (Lines(command.Output), Lines(actual));
        Assert.True(Fits(expected, printed), $"{command.Page}, line {command.Line}: the page shows\n{command.Output}\nand the command prints\n{actual}");
    }

    static bool Fits(ReadOnlySpan<string> expected, ReadOnlySpan<string> printed)
    {
        if (expected.IsEmpty)
            return printed.IsEmpty;
        if (expected[0] != Anything)
            return !printed.IsEmpty && expected[0] == printed[0] && Fits(expected[1..], printed[1..]);
        for (var skipped = 0; skipped <= printed.Length; skipped++)
            if (Fits(expected[1..], printed[skipped..]))
                return true;
        return false;
    }

    static string[] Lines(string text)
    {
        text = Id().Replace(text, "$1_ID");
        text = Ago().Replace(text, "AGO");
        text = Time().Replace(text, "TIME");
        text = Duration().Replace(text, "DURATION");
        return [.. text.Split('\n').Select(x => Spaces().Replace(x, " ").Trim()).Where(x => x.Length > 0)];
    }

    [GeneratedRegex("\\b(run|evt|trg|dlq|tok)_[0-9A-Z]{26}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d+[smhd] ago|just now")]
    private static partial Regex Ago();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")]
    private static partial Regex Time();

    [GeneratedRegex(@"\+?\b\d+(\.\d+)?(ms|s)\b")]
    private static partial Regex Duration();

    [GeneratedRegex(@"[ \t█]+")]
    private static partial Regex Spaces();
}
