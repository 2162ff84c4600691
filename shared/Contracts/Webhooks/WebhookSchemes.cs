namespace ReactorJobs.Contracts;

/// <summary>How senders of webhooks sign: the names of <c>verify.type</c>, and the headers that senders are known by.</summary>
public static class WebhookSchemes
{
    /// <summary>A MAC of the body alone, in a header of any name.</summary>
    public const string Hmac = "hmac";

    public const string Stripe = "stripe";
    public const string GitHub = "github";
    public const string StandardWebhooks = "standard-webhooks";
    public const string Slack = "slack";

    public static readonly string[] All = [Hmac, Stripe, GitHub, StandardWebhooks, Slack];

    public static readonly string[] Algorithms = ["sha256", "sha1", "sha512"];
    public static readonly string[] Encodings = ["hex", "base64"];

    /// <summary>How the header of a Standard Webhooks signature ends; its id and timestamp are beside it.</summary>
    public const string SignatureEnding = "-signature";

    // The first of a scheme is the one that it has by default.
    static readonly (string Header, string Scheme)[] Known =
    [
        ("stripe-signature", Stripe),
        ("x-hub-signature-256", GitHub),
        ("webhook-signature", StandardWebhooks),
        ("svix-signature", StandardWebhooks),
        ("x-slack-signature", Slack),
    ];

    /// <summary>Null for a header that no known sender uses.</summary>
    /// <param name="header">In lower case.</param>
    public static string? OfHeader(string header) => Known.FirstOrDefault(x => x.Header == header).Scheme;

    /// <summary>Null for a scheme whose header has to be named.</summary>
    public static string? HeaderOf(string scheme) => Known.FirstOrDefault(x => x.Scheme == scheme).Header;
}
