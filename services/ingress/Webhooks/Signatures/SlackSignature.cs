using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Ingress.Webhooks.Signatures;

/// <summary>Slack's: <c>v0=</c> and hex; signed are <c>v0:</c>, the time of a header of its own, a colon and the body.</summary>
static class SlackSignature
{
    const string Time = "x-slack-request-timestamp";
    const string Lead = "v0=";

    public static ClaimRead Read(string header, IHeaderDictionary headers)
    {
        if ((SignatureText.One(headers, header, out var value) ?? SignatureText.One(headers, Time, out _)) is { } fault)
            return fault;
        if (!SignatureText.TryTime(headers[Time].ToString(), out var at))
            return SignatureFault.Malformed(Time, "<unix seconds>");
        return value.StartsWith(Lead, StringComparison.Ordinal) && SignatureText.Hex(value.AsSpan(Lead.Length)) is { Length: 32 } signature
            ? new SignedClaim(string.Create(CultureInfo.InvariantCulture, $"v0:{at}:"), at, [signature])
            : SignatureFault.Malformed(header, "v0=<64 hex digits>");
    }
}
