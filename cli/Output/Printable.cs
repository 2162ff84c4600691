namespace ReactorJobs.Cli.Output;

/// <summary>Makes text from elsewhere safe to print: a handler's error message or a webhook's payload must not move the cursor, set the
/// window's title or reverse the line on the terminal of whoever looks at the run.</summary>
static class Printable
{
    public static string Line(string text) => Clean(text, keepLines: false);

    public static string Block(string text) => Clean(text, keepLines: true);

    static string Clean(string text, bool keepLines)
    {
        if (keepLines) text = text.ReplaceLineEndings("\n");
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        return string.Create(text.Length, (text, keepLines), static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
                to[i] = Safe(from.text[i], from.keepLines);
        });
    }

    static char Safe(char c, bool keepLines) => c switch
    {
        '\n' when keepLines => c,
        '\n' or '\r' or '\t' => ' ',
        _ when char.IsControl(c) => '\uFFFD',
        // Embeddings, overrides and isolates of writing direction.
        (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') => '\uFFFD',
        _ => c,
    };
}
