using ReactorJobs.Contracts;

namespace ReactorJobs.Ingress.Webhooks.Deliveries;

/// <summary>What became of a delivery.</summary>
public static class Verdicts
{
    /// <summary>It started a run.</summary>
    public const string Accepted = "accepted";

    /// <summary>It had come before, and was answered with the run of then.</summary>
    public const string Repeated = "repeated";

    /// <summary>Somebody asked for it once more.</summary>
    public const string Redelivered = "redelivered";

    /// <summary>Its sender wanted to know whether the address is the right one.</summary>
    public const string Challenge = "challenge";

    public const string SignatureInvalid = "signature_invalid";
    public const string Expired = "expired";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string PayloadTooLarge = "payload_too_large";
    public const string BodyInvalid = "body_invalid";
    public const string JobNotFound = "job_not_found";

    /// <summary>It could not be checked, or its run not be started: the sender was told to try again.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>Whether its sender was known: of what anybody can send, little is kept.</summary>
    public static bool IsTrusted(string verdict) => verdict is Accepted or Repeated or Redelivered or Challenge;
}

/// <summary>One request to a hook, as the log has it.</summary>
public sealed record Delivery
{
    public required string OrgId { get; init; }
    public required string TriggerId { get; init; }
    public required Guid Id { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public string Verdict { get; init; } = "";
    public string? Reason { get; init; }
    public short Status { get; init; }
    public RunId? RunId { get; init; }

    /// <summary>What its sender, or its content, is known by: <see cref="DeliveryIdentity"/>.</summary>
    public string? DeliveryId { get; init; }
    public Guid? RedeliveryOf { get; init; }
    public required string Method { get; init; }
    public int Size { get; init; }
    public string? ContentType { get; init; }

    /// <summary>Of its run's trigger; with the body, what delivering it once more takes.</summary>
    public string? Detail { get; init; }
    public byte[]? Body { get; init; }
}
