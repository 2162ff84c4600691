using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ReactorJobs.Cli.Output;

/// <summary>JSON that the user wrote, refused with its place before anything is sent.</summary>
static class JsonInput
{
    const string Quoting = """in a shell, quote it whole: --payload '{"orderId":"ord_123"}'; @file reads a file, - standard input""";

    public static JsonElement Parse(string option, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw Failure.Usage($"{option} is not JSON: {Complaint(e)} ({Place(text, e)})", option == "--payload" ? Quoting : null);
        }
    }

    public static JsonObject ParseObject(string option, string text) =>
        Parse(option, text) is { ValueKind: JsonValueKind.Object } element
            ? JsonObject.Create(element)!
            : throw Failure.Usage($"{option}: one JSON object is expected");

    /// <summary>The framework's sentence without its own, zero-based counting of the place.</summary>
    static string Complaint(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? e.Message : e.Message[..end]).TrimEnd('.');
    }

    static string Place(string text, JsonException e)
    {
        var line = (int)(e.LineNumber ?? 0);
        var lines = text.Split('\n');
        var bytes = Encoding.UTF8.GetBytes(line < lines.Length ? lines[line] : "");
        var column = Encoding.UTF8.GetCharCount(bytes, 0, (int)Math.Min(e.BytePositionInLine ?? 0, bytes.Length));
        return $"line {line + 1}, column {column + 1}";
    }
}
