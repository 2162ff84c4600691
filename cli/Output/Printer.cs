using System.Text.Json;
using ReactorJobs.Cli.Connection;

namespace ReactorJobs.Cli.Output;

enum OutputFormat { Table, Json, Ids }

/// <summary>Puts an answer out in the form that was asked for.</summary>
sealed class Printer(Terminal terminal, OutputFormat format, TimeProvider clock)
{
    public OutputFormat Format => format;

    public View View => new(terminal.OutPaint, clock.GetUtcNow(), terminal.Width);

    /// <summary>A thing or a list; the table is drawn by <paramref name="table"/>.</summary>
    public void Show(ApiAnswer answer, Func<JsonElement, View, string> table)
    {
        switch (format)
        {
            case OutputFormat.Json:
                Json(answer);
                break;
            case OutputFormat.Ids:
                Ids(answer.Json.ValueKind == JsonValueKind.Array ? answer.Json.Items() : [answer.Json]);
                break;
            default:
                terminal.Out.Write(table(answer.Json, View));
                break;
        }
    }

    /// <summary>A page of a list. That there is more is said on standard error: a list that ends silently reads as complete.</summary>
    public void Page(ApiAnswer answer, string nothing, Func<JsonElement, View, string> table)
    {
        if (format == OutputFormat.Table && answer.Json.Items().Count == 0) terminal.Out.WriteLine(nothing);
        else Show(answer, table);
        if (answer.NextCursor is { } cursor) terminal.Error.WriteLine($"there is more: --cursor {Printable.Line(cursor)}");
    }

    /// <summary>Something was done and there is nothing to show but its id.</summary>
    public void Done(ApiAnswer answer, string sentence, string id)
    {
        if (format == OutputFormat.Json) Json(answer);
        else terminal.Out.WriteLine(format == OutputFormat.Ids ? id : sentence);
    }

    /// <summary>A line for people only.</summary>
    public void Say(string line)
    {
        if (format == OutputFormat.Table) terminal.Out.WriteLine(line);
    }

    /// <summary>Exactly what the API answered; on a terminal, indented.</summary>
    void Json(ApiAnswer answer)
    {
        if (answer.Text.Length > 0) terminal.Out.WriteLine(terminal.OutIsTerminal ? answer.Json.Pretty() : answer.Text.TrimEnd());
    }

    void Ids(IEnumerable<JsonElement> items)
    {
        foreach (var item in items)
        {
            if ((item.ValueKind == JsonValueKind.String ? Printable.Line(item.GetString()!) : item.Identity()) is { } id) terminal.Out.WriteLine(id);
        }
    }
}
