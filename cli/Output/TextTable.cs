using System.Text;

namespace ReactorJobs.Cli.Output;

/// <param name="Title">The heading.</param>
/// <param name="Right">Numbers stand to the right.</param>
/// <param name="Cut">May lose its end on a narrow terminal. Ids never do: they are there to be copied.</param>
readonly record struct Column(string Title, bool Right = false, bool Cut = false)
{
    public static implicit operator Column(string title) => new(title);
}

readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string? text) => new(text ?? "-", text is null ? Tone.Dim : Tone.Plain);

    public static Cell Status(string? status) => status is null ? null : new Cell(status, Paint.ToneOf(status));
}

/// <summary>Columns padded with two spaces between them, as <c>kubectl</c> and <c>docker</c> print them: <c>awk</c> can read it.</summary>
static class TextTable
{
    const string Gap = "  ";
    const int Narrowest = 12;

    public static string Render(IReadOnlyList<Column> columns, IReadOnlyList<Cell[]> rows, View view)
    {
        var widths = Widths(columns, rows, view.Width);
        var text = new StringBuilder();
        Line(text, columns, [.. columns.Select(c => new Cell(c.Title, Tone.Dim))], widths, view.Paint);
        foreach (var row in rows) Line(text, columns, row, widths, view.Paint);
        return text.ToString();
    }

    static int[] Widths(IReadOnlyList<Column> columns, IReadOnlyList<Cell[]> rows, int? limit)
    {
        var widths = columns.Select((c, i) => rows.Select(r => r[i].Text.Length).Append(c.Title.Length).Max()).ToArray();
        var excess = widths.Sum() + Gap.Length * (columns.Count - 1) - (limit ?? int.MaxValue);
        for (var i = columns.Count - 1; i >= 0 && excess > 0; i--)
        {
            if (!columns[i].Cut) continue;
            var narrower = Math.Min(widths[i], Math.Max(Narrowest, widths[i] - excess));
            excess -= widths[i] - narrower;
            widths[i] = narrower;
        }
        return widths;
    }

    static void Line(StringBuilder text, IReadOnlyList<Column> columns, Cell[] cells, int[] widths, Paint paint)
    {
        // What is empty at the end of a line leaves no spaces there.
        var last = Array.FindLastIndex(cells, c => c.Text.Length > 0);
        for (var i = 0; i <= last; i++)
        {
            var (cell, width) = (cells[i], widths[i]);
            var shown = cell.Text.Length <= width ? cell.Text : string.Concat(cell.Text.AsSpan(0, width - 1), "…");
            var padding = new string(' ', width - shown.Length);
            // Colour goes around the letters only, so that its codes do not count as width.
            if (columns[i].Right) text.Append(padding);
            text.Append(paint.Apply(shown, cell.Tone));
            if (i == last) break;
            if (!columns[i].Right) text.Append(padding);
            text.Append(Gap);
        }
        text.Append('\n');
    }
}
