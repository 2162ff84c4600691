namespace ReactorJobs.Ingress.Webhooks.Signatures;

/// <summary>What a sender claims: that one of the signatures is the MAC of the lead and the body after it.</summary>
/// <param name="At">When it was signed, in Unix seconds; null where the sender does not say.</param>
public sealed record SignedClaim(string Lead, long? At, IReadOnlyList<byte[]> Signatures);

/// <summary>Why a delivery does not count as its sender's: a stable word for the log, and a sentence for the sender.</summary>
public sealed record SignatureFault(string Reason, string Detail)
{
    public static SignatureFault Missing(string header) => new("missing", $"The header {header} is missing.");

    public static SignatureFault Repeated(string header) => new("repeated", $"The header {header} is there more than once.");

    public static SignatureFault Malformed(string header, string form) => new("malformed", $"The header {header} does not have the form {form}.");

    public static SignatureFault Mismatch { get; } = new("mismatch", "No signature fits the body and the secret.");

    public static SignatureFault TooOld { get; } = new("too_old", "It was signed too long ago; what is sent again has to be signed again.");

    public static SignatureFault TooNew { get; } = new("too_new", "It was signed in the future: one of the clocks is wrong.");
}

/// <summary>A claim, or why there is none.</summary>
public readonly record struct ClaimRead(SignedClaim? Claim, SignatureFault? Fault)
{
    public static implicit operator ClaimRead(SignedClaim claim) => new(claim, null);

    public static implicit operator ClaimRead(SignatureFault fault) => new(null, fault);
}
