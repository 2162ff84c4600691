using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>
/// What a delivery is known by, so that one that comes again is answered with the run of the first: the sender's own id, where it has one. What
/// is signed and has none is known by signature and body; what is not signed may be meant each time.
/// </summary>
public static class DeliveryIdentity
{
    const int Longest = 128;

    static readonly string[] Unsigned = ["idempotency-key", "webhook-id", "svix-id", "x-github-delivery"];

    public static string? Of(HookVerification? verification, IHeaderDictionary headers, byte[] body)
    {
        if (verification is null)
            return Unsigned.Select(x => Header(headers, x)).FirstOrDefault(x => x is not null);
        return verification.Type switch
        {
            WebhookSchemes.Stripe => Field(body, "id"),
            WebhookSchemes.GitHub => Header(headers, "x-github-delivery"),
            WebhookSchemes.StandardWebhooks => Header(headers, Signatures.StandardWebhooksSignature.IdHeader(verification.Header)),
            WebhookSchemes.Slack => Field(body, "event_id"),
            _ => null,
        } ?? Content(headers[verification.Header].ToString(), body);
    }

    /// <summary>The text that Slack wants back from an address that it is to trust; null of anything else.</summary>
    public static string? ChallengeOf(HookVerification? verification, byte[] body) =>
        verification?.Type == WebhookSchemes.Slack && Field(body, "type") == "url_verification" ? Field(body, "challenge") : null;

    static string? Header(IHeaderDictionary headers, string name) => headers[name].ToString() is { Length: > 0 } text ? Bounded(text) : null;

    static string? Field(byte[] body, string name)
    {
        try
        {
            var root = RequestBody.Parse(body);
            return root.ValueKind == JsonValueKind.Object && root.EnumerateObject().Where(x => RequestBody.NameOf(x) == name).Select(x => RequestBody.TextOf(x.Value)).LastOrDefault() is { Length: > 0 } text
                ? Bounded(text) : null;
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    // It becomes part of a key, which has an end and no control characters.
    static string Bounded(string text) => text.Length <= Longest && !text.Any(char.IsControl) ? text : Hash(Encoding.UTF8.GetBytes(text));

    static string Content(string signature, byte[] body) => Hash([.. Encoding.UTF8.GetBytes(signature), (byte)'\n', .. body]);

    static string Hash(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}
