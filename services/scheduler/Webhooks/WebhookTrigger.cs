using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Schemas;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Webhooks;

/// <summary>Starts the job for each request to an address: one that nobody can guess, or a path, whose callers then have to sign.</summary>
public sealed partial record WebhookTrigger(string? Path, IReadOnlyList<string> Methods, WebhookVerification? Verification, DateTimeOffset? ExpiresAt, TimeSpan? ExpiresIn)
    : TriggerRequest(TriggerKinds.Webhook)
{
    public const string PathRule = "must be /hooks/ and up to 200 of A-Z a-z 0-9 . _ ~ - in parts that begin with a letter or digit, such as /hooks/stripe";
    public static readonly string[] AllMethods = ["POST", "PUT", "PATCH", "GET", "DELETE"];

    const string PathPattern = "/hooks/(?=.{1,200}$)[A-Za-z0-9][A-Za-z0-9._~-]*(?:/[A-Za-z0-9][A-Za-z0-9._~-]*)*";

    public override JsonObject Settings
    {
        get
        {
            var settings = new JsonObject();
            if (Path is not null)
                settings["path"] = Path;
            settings["methods"] = new JsonArray([.. Methods.Select(x => (JsonNode)x)]);
            if (Verification is not null)
                settings["verify"] = Verification.Settings;
            if (ExpiresAt is { } at)
                settings["expires_at"] = ApiJson.Text(at);
            if (ExpiresIn is { } duration)
                settings["expires_in_ms"] = (long)duration.TotalMilliseconds;
            return settings;
        }
    }

    /// <summary>Who asks for an address that nobody knows wants one more of them.</summary>
    public override bool IsNewEachTime => Path is null;

    /// <summary>When the trigger made at that time ends.</summary>
    public DateTimeOffset? EndsAt(DateTimeOffset createdAt) => ExpiresAt ?? createdAt + ExpiresIn;

    /// <summary>The trigger as the API shows it, from what is kept of it.</summary>
    public static TriggerView Show(TriggerView view, TriggerRow row)
    {
        using var document = JsonDocument.Parse(row.Settings);
        var settings = document.RootElement;
        return view with
        {
            Path = settings.TryGetProperty("path", out var path) ? path.GetString() : null,
            Methods = [.. settings.GetProperty("methods").EnumerateArray().Select(x => x.GetString()!)],
            Verify = settings.TryGetProperty("verify", out var verify) ? verify.Clone() : null,
            ExpiresAt = settings.TryGetProperty("expires_at", out var at) ? at.GetDateTimeOffset()
                : settings.TryGetProperty("expires_in_ms", out var duration) ? row.CreatedAt.AddMilliseconds(duration.GetInt64()) : null,
        };
    }

    public static new WebhookTrigger Read(Fields fields)
    {
        var path = fields.String("path");
        if (path is not null && !PathForm().IsMatch(path))
            fields.Wrong("path", PathRule);
        var methods = ReadMethods(fields);
        var hasVerification = fields.Has("verify");
        var verification = WebhookVerification.Read(fields);
        if (path is not null && !hasVerification)
            fields.Wrong("verify", "is required beside path: a path can be guessed, so its callers have to sign; without a path the address itself is the secret");
        else if (path is not null && verification is null)
            fields.Wrong("verify", "must say how the callers of the path sign");
        var (at, duration) = (fields.Time("expires_at"), fields.Duration("expires_in"));
        if (at is not null && duration is not null)
            fields.Wrong("expires_in", "cannot stand beside expires_at");
        return new(path, methods, verification, at, duration);
    }

    static IReadOnlyList<string> ReadMethods(Fields fields)
    {
        var one = fields.OneOf("method", required: false, AllMethods);
        var several = fields.Array("methods", AllMethods.Length, (element, at, _) =>
        {
            if (RequestBody.TextOf(element) is { } method && AllMethods.Contains(method))
                return method;
            fields.Wrong("methods" + at[at.LastIndexOf('/')..], $"must be one of {string.Join(", ", AllMethods)}");
            return "POST";
        });
        if (one is not null && several is not null)
            fields.Wrong("methods", "cannot stand beside method");
        if (several is { Count: 0 })
            fields.Wrong("methods", "must name at least one");
        var named = several ?? (one is null ? ["POST"] : [one]);
        return [.. AllMethods.Where(named.Contains)];
    }

    /// <summary>What <see cref="Read"/> reads, as a JSON Schema.</summary>
    public static JsonObject Schema()
    {
        var path = JsonSchema.Text();
        path["pattern"] = $"^{PathPattern}$";
        var methods = JsonSchema.Array(JsonSchema.OneOf(AllMethods, nullable: false), AllMethods.Length);
        methods["minItems"] = 1;
        var schema = TriggerSchema.OfKind(TriggerKinds.Webhook,
        [
            new("path", path, "Where it is called, below /jobs/v1; without one it has an address that nobody can guess."),
            new("method", JsonSchema.OneOf(AllMethods), "The method of its requests; POST by default."),
            new("methods", methods, "Several."),
            new("verify", WebhookVerification.Schema(), "How its callers sign; a path needs it."),
            new("expires_at", JsonSchema.Text(), "From then on the address is not there any more."),
            new("expires_in", new() { ["type"] = new JsonArray("string", "integer", "null") }, "The same, counted from its making, such as 30d."),
        ]);
        schema["if"] = new JsonObject { ["required"] = new JsonArray("path"), ["properties"] = new JsonObject { ["path"] = new JsonObject { ["type"] = "string" } } };
        schema["then"] = new JsonObject { ["required"] = new JsonArray("verify"), ["properties"] = new JsonObject { ["verify"] = new JsonObject { ["type"] = "object" } } };
        schema["allOf"] = new JsonArray([.. schema["allOf"]?.AsArray().Select(x => x!.DeepClone()) ?? [], NotBoth("method", "methods"), NotBoth("expires_at", "expires_in"), NotBoth("expiresAt", "expires_in"), NotBoth("expires_at", "expiresIn"), NotBoth("expiresAt", "expiresIn")]);
        return schema;
    }

    static JsonObject NotBoth(string one, string other)
    {
        JsonObject Given() => new() { ["not"] = new JsonObject { ["type"] = "null" } };
        return new() { ["not"] = new JsonObject { ["type"] = "object", ["required"] = new JsonArray(one, other), ["properties"] = new JsonObject { [one] = Given(), [other] = Given() } } };
    }

    [GeneratedRegex("^" + PathPattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex PathForm();
}
