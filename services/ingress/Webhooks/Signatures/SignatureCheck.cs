using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ReactorJobs.Contracts;

namespace ReactorJobs.Ingress.Webhooks.Signatures;

/// <summary>
/// Whether a delivery is its sender's, from its headers, its body as it came, the secrets and the time alone. Each scheme reads its headers into
/// a <see cref="SignedClaim"/>; what a claim has to fulfil is the same for all.
/// </summary>
public static class SignatureCheck
{
    /// <summary>How far the time of a signature may be from now, both ways, where the trigger does not say.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(300);

    /// <summary>Null when it is.</summary>
    public static SignatureFault? Check(HookVerification verification, IHeaderDictionary headers, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        var (claim, fault) = Read(verification, headers);
        if (claim is null)
            return fault;
        if (OutOfTime(claim.At, verification.ToleranceMs is { } ms ? TimeSpan.FromMilliseconds(ms) : Tolerance, now) is { } late)
            return late;
        foreach (var secret in secrets)
            if (Key(verification.Type, secret) is { } key && Fits(claim, body, key, AlgorithmOf(verification)))
                return null;
        return SignatureFault.Mismatch;
    }

    /// <summary>The key that a secret stands for; null when it has not the scheme's form.</summary>
    public static byte[]? Key(string type, string secret) => type == WebhookSchemes.StandardWebhooks ? StandardWebhooksSignature.Key(secret) : Encoding.UTF8.GetBytes(secret);

    static ClaimRead Read(HookVerification verification, IHeaderDictionary headers) => verification.Type switch
    {
        WebhookSchemes.Stripe => StripeSignature.Read(verification.Header, headers),
        WebhookSchemes.GitHub => GitHubSignature.Read(verification.Header, headers),
        WebhookSchemes.StandardWebhooks => StandardWebhooksSignature.Read(verification.Header, headers),
        WebhookSchemes.Slack => SlackSignature.Read(verification.Header, headers),
        _ => PlainSignature.Read(verification, headers),
    };

    static SignatureFault? OutOfTime(long? at, TimeSpan tolerance, DateTimeOffset now)
    {
        // Whole seconds on both sides: the sender's time has no parts.
        var age = now.ToUnixTimeSeconds() - at;
        return age > tolerance.TotalSeconds ? SignatureFault.TooOld : -age > tolerance.TotalSeconds ? SignatureFault.TooNew : null;
    }

    static bool Fits(SignedClaim claim, ReadOnlySpan<byte> body, byte[] key, HashAlgorithmName algorithm)
    {
        using var mac = IncrementalHash.CreateHMAC(algorithm, key);
        mac.AppendData(Encoding.UTF8.GetBytes(claim.Lead));
        mac.AppendData(body);
        var expected = mac.GetHashAndReset();
        var fits = false;
        foreach (var signature in claim.Signatures)
            fits |= CryptographicOperations.FixedTimeEquals(expected, signature);
        return fits;
    }

    static HashAlgorithmName AlgorithmOf(HookVerification verification) => verification.Algorithm switch
    {
        "sha1" => HashAlgorithmName.SHA1,
        "sha512" => HashAlgorithmName.SHA512,
        _ => HashAlgorithmName.SHA256,
    };
}
