using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ReactorJobs.Contracts;

namespace ReactorJobs.Hosting.Http;

/// <summary>Limits of what callers send (http-api: conventions).</summary>
public static class Limits
{
    public const int PayloadBytes = 1 << 20;
    public const int OutputBytes = 1 << 20;
    public const int StateValueBytes = 256 << 10;
    public const long RunBytes = 64L << 20;
    public const int Depth = 64;

    /// <summary>A request may hold a payload at its limit and the fields around it.</summary>
    public const int BodyBytes = PayloadBytes + (64 << 10);
}

/// <summary>Reads request bodies: bounded, valid UTF-8 and JSON, not too deep; each refusal says which.</summary>
public static class RequestBody
{
    static readonly JsonDocumentOptions Options = new() { MaxDepth = Limits.Depth };

    /// <summary>The body as fields; an empty body is an empty object.</summary>
    public static async Task<Fields> ReadFields(HttpContext http, int limit = Limits.BodyBytes)
    {
        var bytes = await ReadBytes(http, limit);
        if (bytes.Length == 0)
            bytes = "{}"u8.ToArray();
        var root = Parse(bytes);
        return root.ValueKind == JsonValueKind.Object
            ? new Fields(root, "", text: bytes)
            : throw new ProblemException(Problem.Invalid("", "must be a JSON object"));
    }

    public static async Task<byte[]> ReadBytes(HttpContext http, int limit)
    {
        if (http.Request.ContentLength > limit)
            throw TooLarge(limit);
        var length = (int)(http.Request.ContentLength ?? 0);
        using var buffer = new MemoryStream(length);
        var chunk = new byte[Math.Clamp(length, 1024, 16 << 10)];
        int read;
        while ((read = await http.Request.Body.ReadAsync(chunk, http.RequestAborted)) > 0)
        {
            if (buffer.Length + read > limit)
                throw TooLarge(limit);
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    public static JsonElement Parse(byte[] bytes, string code = "invalid_request")
    {
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
            throw new ProblemException(Problem.Invalid("", "must be valid UTF-8") with { Code = code });
        try
        {
            return JsonDocument.Parse(bytes, Options).RootElement;
        }
        catch (JsonException exception)
        {
            var place = JsonPlace.Of(exception, bytes);
            var where = $"line {place.Line}, column {place.Column}";
            var deep = exception.Message.Contains("maximum configured depth", StringComparison.Ordinal);
            var error = new InputError("", deep ? $"is nested deeper than {Limits.Depth} ({where})" : $"is not JSON ({where})").At(place);
            throw new ProblemException(Problem.Invalid([error]) with { Code = code });
        }
    }

    static ProblemException TooLarge(int limit) => new(new Problem(413, "payload_too_large", $"The body is larger than {limit:N0} bytes."));

    public static RawJson Raw(JsonElement element) => RawJson.Trusted(JsonMarshal.GetRawUtf8Value(element).ToArray());

    /// <summary>A payload of its own limit inside a body.</summary>
    public static RawJson Payload(JsonElement element, string pointer, int limit = Limits.PayloadBytes)
    {
        var raw = Raw(element);
        return raw.Length <= limit
            ? raw
            : throw new ProblemException(new(413, "payload_too_large", $"{pointer} has {raw.Length:N0} bytes; at most {limit:N0} are allowed.", [new(pointer, "is too large")]));
    }

    /// <summary>Whether a string has a text: an escaped half of a surrogate pair has none.</summary>
    public static bool IsText(JsonElement text)
    {
        try
        {
            return text.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A string's text; null of anything else, and of one that has none.</summary>
    public static string? TextOf(JsonElement element) => element.ValueKind == JsonValueKind.String && IsText(element) ? element.GetString() : null;

    /// <summary>A field's name; one that has no text is shown as a replacement character, which no field is called.</summary>
    public static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }

    internal static string Text(JsonElement element) => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element));
}
