using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Ingress.Webhooks.Signatures;

/// <summary>
/// Stripe's: <c>t=1492774577,v1=5257a8…,v0=6ffbb5…</c> in any order, of which a <c>v1</c> has to fit; while a secret is changed there are two of
/// them. Signed are the time, a dot and the body.
/// </summary>
static class StripeSignature
{
    const string Form = "t=<unix seconds>,v1=<hex>";

    public static ClaimRead Read(string header, IHeaderDictionary headers)
    {
        if (SignatureText.One(headers, header, out var value) is { } fault)
            return fault;
        long? at = null;
        var signatures = new List<byte[]>();
        foreach (var part in value.Split(','))
        {
            var equals = part.IndexOf('=');
            if (equals < 0)
                return SignatureFault.Malformed(header, Form);
            var name = part.AsSpan(0, equals).Trim();
            var text = part.AsSpan(equals + 1).Trim();
            if (name.SequenceEqual("t"))
            {
                if (at is not null || !SignatureText.TryTime(text, out var time))
                    return SignatureFault.Malformed(header, Form);
                at = time;
            }
            else if (name.SequenceEqual("v1") && signatures.Count < SignatureText.MostSignatures && SignatureText.Hex(text) is { } signature)
            {
                signatures.Add(signature);
            }
        }

        return at is { } signedAt && signatures.Count > 0
            ? new SignedClaim(signedAt.ToString(CultureInfo.InvariantCulture) + ".", signedAt, signatures)
            : SignatureFault.Malformed(header, Form);
    }
}
