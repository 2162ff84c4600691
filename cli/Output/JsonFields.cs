using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ReactorJobs.Cli.Output;

/// <summary>Reads what is there and is content with what is not: an older or newer server must not break a list.</summary>
static class JsonFields
{
    static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly JsonWriterOptions Flat = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonElement? Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    /// <summary>A string as it is, a number or a boolean as it is written; nothing for anything else.</summary>
    public static string? Text(this JsonElement element, string name) => element.Field(name) switch
    {
        { ValueKind: JsonValueKind.String } value => Printable.Line(value.GetString()!),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } value => value.GetRawText(),
        _ => null,
    };

    public static double? Number(this JsonElement element, string name) =>
        element.Field(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) ? number : null;

    public static TimeSpan? Milliseconds(this JsonElement element, string name) =>
        element.Number(name) is { } number && Math.Abs(number) < TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(number) : null;

    public static DateTimeOffset? Time(this JsonElement element, string name) =>
        element.Field(name) is { ValueKind: JsonValueKind.String } value
        && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;

    public static IReadOnlyList<JsonElement> Items(this JsonElement element, string name) =>
        element.Field(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    public static IReadOnlyList<JsonElement> Items(this JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    /// <summary>What other commands take for it: a job's name is its id, and so is a secret's path.</summary>
    public static string? Identity(this JsonElement element) =>
        element.Text("id") ?? element.Text("name") ?? element.Text("run_id") ?? element.Text("path");

    /// <summary>As many lines as it needs. Letters stay readable; control characters are escaped by the writer.</summary>
    public static string Pretty(this JsonElement element) => Write(element, Indented);

    public static string Compact(this JsonElement element) => Printable.Line(Write(element, Flat));

    static string Write(JsonElement element, JsonWriterOptions options)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, options)) element.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
