using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Cli.Output;

/// <summary>JSON that the user wrote, refused with its place before anything is sent.</summary>
static class JsonInput
{
    const string Quoting = """in a shell, quote it whole: --payload '{"orderId":"ord_123"}'; @file reads a file, - standard input""";

    public static JsonElement Parse(string option, string text) => Parse(text, (complaint, place) =>
        Failure.Usage($"{option} is not JSON: {complaint} (line {place.Line}, column {place.Column})", option == "--payload" ? Quoting : null));

    public static JsonElement ParseFile(string file, string text) => Parse(text, (complaint, place) => Failure.Usage($"{file}:{place}: is not JSON: {complaint}"));

    public static JsonObject ParseObject(string option, string text) => Object(option, Parse(option, text));

    public static JsonObject ParseObjectOfFile(string file, string text) => Object(file, ParseFile(file, text));

    static JsonElement Parse(string text, Func<string, JsonPlace, Failure> refusal)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw refusal(Complaint(e), JsonPlace.Of(e, Encoding.UTF8.GetBytes(text)));
        }
    }

    static JsonObject Object(string what, JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? JsonObject.Create(element)! : throw Failure.Usage($"{what}: one JSON object is expected");

    /// <summary>The framework's sentence without its own, zero-based counting of the place.</summary>
    static string Complaint(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? e.Message : e.Message[..end]).TrimEnd('.');
    }
}
