using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Schemas;

namespace ReactorJobs.Scheduler.Webhooks;

/// <summary>
/// How a webhook's deliveries prove where they come from. The secrets pass through here on their way to the ingress, which keeps them; of what
/// is kept here only those have a trace that name another place (<c>vault:path</c>, <c>{{ env NAME }}</c>).
/// </summary>
public sealed partial class WebhookVerification
{
    public const int MostSecrets = 10;
    public const int LongestSecret = 4096;
    public const int LongestPrefix = 64;
    public static readonly TimeSpan LeastTolerance = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MostTolerance = TimeSpan.FromDays(1);

    const string Vault = "vault:";
    const string EnvironmentStart = "{{";

    public required string Type { get; init; }

    /// <summary>In lower case.</summary>
    public required string Header { get; init; }

    /// <summary>Of the type <c>hmac</c>, as the two below it.</summary>
    public string? Algorithm { get; init; }
    public string? Encoding { get; init; }
    public string? Prefix { get; init; }

    public TimeSpan? Tolerance { get; init; }

    /// <summary>As they were given; none where the installation's own is meant.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>What is kept and shown.</summary>
    public JsonObject Settings
    {
        get
        {
            var settings = new JsonObject { ["type"] = Type, ["header"] = Header };
            foreach (var (name, value) in new[] { ("algorithm", Algorithm), ("encoding", Encoding), ("prefix", Prefix) })
                if (value is not null)
                    settings[name] = value;
            if (Tolerance is { } tolerance)
                settings["tolerance_ms"] = (long)tolerance.TotalMilliseconds;
            if (Secrets.Where(IsElsewhere).ToArray() is { Length: > 0 } named)
                settings["secrets"] = new JsonArray([.. named.Select(x => (JsonNode)x)]);
            return settings;
        }
    }

    /// <summary>None where there is none, or something is wrong, which the fields know then.</summary>
    public static WebhookVerification? Read(Fields trigger)
    {
        if (trigger.Object("verify") is not { } fields)
            return null;
        var given = fields.OneOf("type", required: true, WebhookSchemes.All);
        var (algorithm, encoding) = (fields.OneOf("algorithm", false, WebhookSchemes.Algorithms), fields.OneOf("encoding", false, WebhookSchemes.Encodings));
        var prefix = fields.String("prefix");
        if (prefix is { Length: > LongestPrefix })
            fields.Wrong("prefix", $"must have at most {LongestPrefix} characters");
        var ownForm = new[] { ("algorithm", algorithm), ("encoding", encoding), ("prefix", prefix) }.Where(x => x.Item2 is not null).Select(x => x.Item1).ToArray();
        if (given is not null and not WebhookSchemes.Hmac)
            foreach (var name in ownForm)
                fields.Wrong(name, $"is of the type hmac; {given} has its own");

        var header = ReadHeader(fields, given);
        // The senders that are known by their header sign more than the body, and say so in a form of their own.
        var type = given == WebhookSchemes.Hmac && header is not null && ownForm.Length == 0 ? WebhookSchemes.OfHeader(header) ?? given : given;
        var tolerance = ReadTolerance(fields);
        var secrets = ReadSecrets(fields, type);
        fields.NoOthers();
        if (type is null || header is null)
            return null;
        var isOwn = type == WebhookSchemes.Hmac;
        return new()
        {
            Type = type,
            Header = header,
            Algorithm = isOwn ? algorithm ?? WebhookSchemes.Algorithms[0] : null,
            Encoding = isOwn ? encoding ?? WebhookSchemes.Encodings[0] : null,
            Prefix = isOwn ? prefix ?? "" : null,
            Tolerance = tolerance,
            Secrets = secrets,
        };
    }

    static string? ReadHeader(Fields fields, string? type)
    {
        var header = fields.String("header")?.ToLowerInvariant();
        if (header is not null && !HeaderName().IsMatch(header))
            fields.Wrong("header", "must be the name of a header");
        else if (header is null && type == WebhookSchemes.Hmac)
            fields.Wrong("header", "is required: the header that has the signature");
        else if (header is not null && type == WebhookSchemes.StandardWebhooks && !header.EndsWith(WebhookSchemes.SignatureEnding, StringComparison.Ordinal))
            fields.Wrong("header", $"must end with {WebhookSchemes.SignatureEnding}: the id and the time are in headers of the same beginning");
        return header ?? (type is null ? null : WebhookSchemes.HeaderOf(type));
    }

    static TimeSpan? ReadTolerance(Fields fields)
    {
        var tolerance = fields.Duration("tolerance");
        if (tolerance < LeastTolerance || tolerance > MostTolerance)
            fields.Wrong("tolerance", "must be from 1s to 24h; a number alone is of milliseconds");
        return tolerance;
    }

    static IReadOnlyList<string> ReadSecrets(Fields fields, string? type)
    {
        var one = fields.String("secret");
        var several = fields.Array("secrets", MostSecrets, (element, at, parent) =>
        {
            var name = "secrets" + at[at.LastIndexOf('/')..];
            if (element.ValueKind == JsonValueKind.String && RequestBody.IsText(element))
                return (name, element.GetString()!);
            fields.Wrong(name, "must be a string");
            return (name, "x");
        });
        if (one is not null && several is not null)
            fields.Wrong("secrets", "cannot stand beside secret");
        (string Name, string Text)[] all = [.. one is null ? [] : new[] { (Name: "secret", Text: one) }, .. several ?? []];
        foreach (var (name, text) in all)
            if (Fault(text, type) is { } fault)
                fields.Wrong(name, fault);
        return [.. all.Select(x => x.Text)];
    }

    static bool IsElsewhere(string secret) => secret.StartsWith(Vault, StringComparison.Ordinal) || secret.StartsWith(EnvironmentStart, StringComparison.Ordinal);

    static string? Fault(string secret, string? type) =>
        secret.StartsWith(Vault, StringComparison.Ordinal) ? Path().IsMatch(secret) ? null : "must be vault: and the path of a secret"
        : secret.StartsWith(EnvironmentStart, StringComparison.Ordinal) ? Variable().IsMatch(secret) ? null : "must be {{ env NAME }} with WEBHOOK_SECRET in the name: no other variable is read"
        : secret.Length is 0 or > LongestSecret ? $"must have 1 to {LongestSecret} characters"
        : type == WebhookSchemes.StandardWebhooks && !StandardSecret().IsMatch(secret) ? "must be whsec_ and Base64, as the sender shows it"
        : null;

    /// <summary>What <see cref="Read"/> reads, as a JSON Schema.</summary>
    public static JsonObject Schema()
    {
        var header = JsonSchema.Text();
        header["pattern"] = "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$";
        var prefix = JsonSchema.Text();
        prefix["maxLength"] = LongestPrefix;
        var secret = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = LongestSecret };
        var oneSecret = secret.DeepClone().AsObject();
        oneSecret["type"] = new JsonArray("string", "null");
        var schema = JsonSchema.Object(
        [
            new("type", JsonSchema.OneOf(WebhookSchemes.All, nullable: false), "Who signs, and so how."),
            new("header", header, "The header that has the signature."),
            new("algorithm", JsonSchema.OneOf(WebhookSchemes.Algorithms), "Of the type hmac; sha256 by default."),
            new("encoding", JsonSchema.OneOf(WebhookSchemes.Encodings), "Of the type hmac: how the signature is written; hex by default."),
            new("prefix", prefix, "Of the type hmac: what stands before the signature."),
            new("tolerance", new() { ["type"] = new JsonArray("string", "integer", "null") }, "How far the time of a signature that has one may be from now, such as 300s."),
            new("secret", oneSecret, "The secret itself, vault: and the path of one, or {{ env NAME }}."),
            new("secrets", JsonSchema.Array(secret, MostSecrets), "Several, while one takes another's place."),
        ]);
        schema["required"] = new JsonArray("type");
        schema["not"] = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("secret", "secrets"),
            ["properties"] = new JsonObject { ["secret"] = new JsonObject { ["type"] = "string" }, ["secrets"] = new JsonObject { ["type"] = "array" } },
        };
        schema["if"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["type"] = new JsonObject { ["const"] = WebhookSchemes.Hmac } } };
        schema["then"] = new JsonObject { ["required"] = new JsonArray("header"), ["properties"] = new JsonObject { ["header"] = new JsonObject { ["type"] = "string" } } };
        schema["else"] = new JsonObject
        {
            ["properties"] = new JsonObject(new[] { "algorithm", "encoding", "prefix" }.Select(x => KeyValuePair.Create(x, (JsonNode?)new JsonObject { ["type"] = "null" }))),
        };
        return schema;
    }

    [GeneratedRegex(@"^[a-z0-9!#$%&'*+.^_`|~-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderName();

    [GeneratedRegex(@"^vault:[a-z0-9][a-z0-9_./-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Path();

    // A trigger's owner learns of a variable only whether he has guessed it; of those that are meant for it, and of no others.
    [GeneratedRegex(@"^\{\{ *env +[A-Z0-9_]*WEBHOOK_SECRET[A-Z0-9_]* *\}\}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^(?:whsec_)?(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})\z", RegexOptions.CultureInvariant)]
    private static partial Regex StandardSecret();
}
