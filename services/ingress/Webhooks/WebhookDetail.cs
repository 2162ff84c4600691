using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>What a handler learns of the request beside its body: <c>ctx.run.trigger.detail</c>. Nothing that opens anything.</summary>
public static class WebhookDetail
{
    static readonly string[] Credentials = ["signature", "secret", "token", "api-key", "apikey", "password"];

    /// <summary>In lower case. What proves who sent it has done so, and is not for handlers and databases.</summary>
    public static bool IsKept(string header) =>
        header is not ("authorization" or "proxy-authorization" or "cookie") && !header.StartsWith("x-reactor-", StringComparison.Ordinal)
        && !Credentials.Any(x => header.Contains(x, StringComparison.Ordinal));

    /// <param name="path">Null where the path is the secret.</param>
    public static RawJson Of(HttpRequest request, string? path, HookVerification? verification, string? deliveryId)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in request.Headers)
            if (name.ToLowerInvariant() is var lower && IsKept(lower) && lower != verification?.Header)
                headers[lower] = value.ToString();
        var query = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, values) in request.Query)
            query[name] = Value(values);
        return RawJson.From(new { request.Method, Path = path, Query = query, Headers = headers, DeliveryId = deliveryId }, ApiJson.Options);
    }

    /// <summary>The same of what is delivered once more.</summary>
    public static RawJson Again(string detail, string delivery)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(detail)!.AsObject();
        node["redelivery_of"] = delivery;
        return RawJson.Trusted(JsonSerializer.SerializeToUtf8Bytes(node, ApiJson.Options));
    }

    static object? Value(StringValues values) => values.Count == 1 ? values[0] : values.ToArray();
}
