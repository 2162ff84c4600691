using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Ingress.Webhooks.Signatures;

/// <summary>A MAC of the body alone, in a header of the trigger's choice.</summary>
static class PlainSignature
{
    public static ClaimRead Read(HookVerification verification, IHeaderDictionary headers)
    {
        if (SignatureText.One(headers, verification.Header, out var value) is { } fault)
            return fault;
        var prefix = verification.Prefix ?? "";
        var isBase64 = verification.Encoding == "base64";
        var text = value.StartsWith(prefix, StringComparison.Ordinal) ? value.AsSpan(prefix.Length).Trim() : default;
        var signature = text.IsEmpty ? null : isBase64 ? SignatureText.Base64(text) : SignatureText.Hex(text);
        return signature is null ? SignatureFault.Malformed(verification.Header, $"{prefix}<{(isBase64 ? "Base64" : "hex")}>") : new SignedClaim("", null, [signature]);
    }
}
