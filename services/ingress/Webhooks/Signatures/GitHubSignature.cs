using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Ingress.Webhooks.Signatures;

/// <summary>GitHub's: <c>sha256=</c> and the hex MAC of the body alone.</summary>
static class GitHubSignature
{
    const string Lead = "sha256=";

    public static ClaimRead Read(string header, IHeaderDictionary headers)
    {
        if (SignatureText.One(headers, header, out var value) is { } fault)
            return fault;
        return value.StartsWith(Lead, StringComparison.Ordinal) && SignatureText.Hex(value.AsSpan(Lead.Length)) is { Length: 32 } signature
            ? new SignedClaim("", null, [signature])
            : SignatureFault.Malformed(header, "sha256=<64 hex digits>");
    }
}
