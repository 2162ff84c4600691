using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>What a job gets of a body: JSON as it is, and anything else as <c>{body, content_type}</c>.</summary>
public static class WebhookPayload
{
    /// <exception cref="ProblemException">It is said to be JSON and is not, or becomes larger than a payload may be.</exception>
    public static RawJson Read(byte[] body, string? contentType)
    {
        if (body.Length == 0)
            return RawJson.Null;
        var payload = IsJson(contentType) ? RequestBody.Raw(RequestBody.Parse(body)) : string.IsNullOrWhiteSpace(contentType) ? IfJson(body) ?? Wrapped(body, null) : Wrapped(body, contentType);
        return payload.Length <= Limits.PayloadBytes
            ? payload
            : throw new ProblemException(new(413, "payload_too_large", $"The body becomes a payload of {payload.Length:N0} bytes; at most {Limits.PayloadBytes:N0} are allowed."));
    }

    static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.MediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));

    static RawJson? IfJson(byte[] body)
    {
        try
        {
            return RequestBody.Raw(RequestBody.Parse(body));
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    static RawJson Wrapped(byte[] body, string? contentType) => RawJson.Trusted(Utf8.IsValid(body)
        ? JsonSerializer.SerializeToUtf8Bytes(new { Body = Encoding.UTF8.GetString(body), ContentType = contentType }, ApiJson.Options)
        : JsonSerializer.SerializeToUtf8Bytes(new { Body = Convert.ToBase64String(body), ContentType = contentType, Encoding = "base64" }, ApiJson.Options));
}
