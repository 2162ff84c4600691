namespace ReactorJobs.Ingress.Webhooks;

/// <summary>How the deliveries of a hook are signed.</summary>
/// <param name="Type">One of <see cref="Contracts.WebhookSchemes.All"/>.</param>
/// <param name="Header">In lower case.</param>
/// <param name="Algorithm">Of the type <c>hmac</c>, as what follows.</param>
public sealed record HookVerification(string Type, string Header, string? Algorithm = null, string? Encoding = null, string? Prefix = null, long? ToleranceMs = null);

/// <summary>What the scheduler tells of a webhook trigger.</summary>
/// <param name="Path">Null for an address that nobody can guess.</param>
/// <param name="Secrets">As they were given; null or none where the installation's own is meant.</param>
public sealed record HookDefinition(string Job, string? Path, string[] Methods, HookVerification? Verification, string[]? Secrets, DateTimeOffset? ExpiresAt);

/// <summary>A webhook's address, with what is needed to answer it. No record, as those show what they hold.</summary>
public sealed class Hook
{
    public required string OrgId { get; init; }
    public required string TriggerId { get; init; }
    public required string Job { get; init; }
    public string? Path { get; init; }
    public required string[] Methods { get; init; }
    public HookVerification? Verification { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Opened; empty without a verification, and where <see cref="SecretFault"/> says why.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Why no signature can be checked now.</summary>
    public string? SecretFault { get; init; }
}
