using System.Text;
using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Logs;

static class LogView
{
    /// <param name="line">One log line of the API.</param>
    /// <param name="withRun">Whether the run is named; of one run's logs it would only repeat.</param>
    /// <param name="view">Colours.</param>
    public static string Line(JsonElement line, bool withRun, View view)
    {
        var level = line.Text("level") ?? "info";
        var text = new StringBuilder();
        text.Append(view.Paint.Dim(line.Time("ts") is { } at ? Times.Iso(at) : line.Text("ts") ?? "-"));
        text.Append("  ").Append(view.Paint.Apply(level.PadRight(5), Tone(level)));
        if (withRun && line.Text("run_id") is { } run) text.Append("  ").Append(run);
        if (line.Text("attempt") is { } attempt) text.Append("  #").Append(attempt);
        if (line.Text("step") is { } step) text.Append("  ").Append(view.Paint.Dim($"[{step}]"));
        return text.Append("  ").Append(Message(line)).Append('\n').ToString();
    }

    /// <summary>Further lines of a message are indented, so that each log line still starts with its time.</summary>
    static string Message(JsonElement line) => line.Field("message") is { ValueKind: JsonValueKind.String } message
        ? Printable.Block(message.GetString()!).TrimEnd('\n').Replace("\n", "\n    ", StringComparison.Ordinal)
        : line.Field("message")?.Compact() ?? "";

    static Tone Tone(string level) => level.ToLowerInvariant() switch
    {
        "error" or "fatal" or "critical" => Output.Tone.Bad,
        "warn" or "warning" => Output.Tone.Busy,
        "debug" or "trace" => Output.Tone.Dim,
        _ => Output.Tone.Plain,
    };
}
