using System.Globalization;
using Microsoft.AspNetCore.Http;
using ReactorJobs.Contracts;

namespace ReactorJobs.Ingress.Webhooks.Signatures;

/// <summary>
/// Standard Webhooks: <c>v1,</c> and Base64, several with spaces between them; signed are id and time, from headers of their own, and the body,
/// with dots between them. A secret is <c>whsec_</c> and the key in Base64.
/// </summary>
static class StandardWebhooksSignature
{
    const string Form = "v1,<Base64>";
    const string SecretLead = "whsec_";

    public static ClaimRead Read(string header, IHeaderDictionary headers)
    {
        var (idHeader, timeHeader) = (IdHeader(header), header[..^WebhookSchemes.SignatureEnding.Length] + "-timestamp");
        if (SignatureText.One(headers, header, out var value) is { } fault)
            return fault;
        if ((SignatureText.One(headers, idHeader, out var id) ?? SignatureText.One(headers, timeHeader, out _)) is { } other)
            return other;
        if (!SignatureText.TryTime(headers[timeHeader].ToString(), out var at))
            return SignatureFault.Malformed(timeHeader, "<unix seconds>");
        byte[][] signatures =
        [
            .. value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(x => x.StartsWith("v1,", StringComparison.Ordinal)).Take(SignatureText.MostSignatures)
                .Select(x => SignatureText.Base64(x.AsSpan("v1,".Length))).OfType<byte[]>(),
        ];
        return signatures.Length > 0
            ? new SignedClaim(string.Create(CultureInfo.InvariantCulture, $"{id}.{at}."), at, signatures)
            : SignatureFault.Malformed(header, Form);
    }

    public static string IdHeader(string header) => header[..^WebhookSchemes.SignatureEnding.Length] + "-id";

    public static byte[]? Key(string secret) =>
        SignatureText.Base64(secret.StartsWith(SecretLead, StringComparison.Ordinal) ? secret.AsSpan(SecretLead.Length) : secret) is { Length: > 0 } key ? key : null;
}
