using System.Text;
using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Runs;

/// <summary>A run's error, <c>{name, message, code, stack, step}</c>, or whatever else stands in its place.</summary>
static class RunErrorText
{
    public static string Short(JsonElement error)
    {
        if (error.ValueKind == JsonValueKind.String) return Printable.Line(error.GetString()!);
        if (error.Text("message") is not { } message) return error.ValueKind == JsonValueKind.Undefined ? "" : error.Compact();
        var name = error.Text("name");
        return name is null or "Error" || message.StartsWith(name, StringComparison.Ordinal) ? message : $"{name}: {message}";
    }

    public static string Full(JsonElement error, View view)
    {
        var text = new StringBuilder().Append(view.Paint.Apply(Short(error), Tone.Bad)).Append('\n');
        if (error.Text("step") is { } step) text.Append("  in step ").Append(step).Append('\n');
        if (error.Text("code") is { } code) text.Append("  code ").Append(code).Append('\n');
        foreach (var line in StackLines(error)) text.Append("  ").Append(view.Paint.Dim(line)).Append('\n');
        return text.ToString();
    }

    /// <summary>Without the first line when that repeats the message, as JavaScript's stacks do.</summary>
    static IEnumerable<string> StackLines(JsonElement error)
    {
        if (error.Field("stack") is not { ValueKind: JsonValueKind.String } stack) return [];
        var lines = Printable.Block(stack.GetString()!).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var repeats = error.Text("message") is { } message && lines.Length > 0 && lines[0].EndsWith(message, StringComparison.Ordinal);
        return repeats ? lines.Skip(1) : lines;
    }
}
