using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ReactorJobs.Contracts;
using ReactorJobs.Ingress.Webhooks;
using ReactorJobs.Ingress.Webhooks.Signatures;

namespace ReactorJobs.Tests.Webhooks;

/// <summary>What senders send, signed as each of them documents it.</summary>
static class Given
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_760_000_000);

    public static readonly HookVerification Stripe = new(WebhookSchemes.Stripe, "stripe-signature");
    public static readonly HookVerification GitHub = new(WebhookSchemes.GitHub, "x-hub-signature-256");
    public static readonly HookVerification Standard = new(WebhookSchemes.StandardWebhooks, "webhook-signature");
    public static readonly HookVerification Slack = new(WebhookSchemes.Slack, "x-slack-signature");
    public static readonly HookVerification Plain = new(WebhookSchemes.Hmac, "x-signature", "sha256", "hex", "");

    public static HeaderDictionary Headers(params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
            dictionary.Append(name, value);
        return dictionary;
    }

    public static string Hex(string secret, string text) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));

    /// <summary>Stripe's rule: the MAC of time, dot and body under the secret as it is shown.</summary>
    public static string StripeHeader(string secret, string body, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"t={at.ToUnixTimeSeconds()},v1={Hex(secret, $"{at.ToUnixTimeSeconds()}.{body}")},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39");

    public static string? Reason(HookVerification verification, HeaderDictionary headers, string body, string secret, DateTimeOffset? now = null) =>
        Reason(verification, headers, body, [secret], now);

    /// <summary>Why it is refused; null when it is not.</summary>
    public static string? Reason(HookVerification verification, HeaderDictionary headers, string body, string[] secrets, DateTimeOffset? now = null) =>
        SignatureCheck.Check(verification, headers, Encoding.UTF8.GetBytes(body), secrets, now ?? Now)?.Reason;
}
