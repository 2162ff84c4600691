using System.CommandLine;
using System.Text.Json.Nodes;

namespace ReactorJobs.Cli.Jobs;

/// <summary>The options of <c>triggers create</c> that are a webhook's.</summary>
sealed class WebhookOptions
{
    readonly Option<string> path = new("--path") { Description = "Of a webhook: where it is called, below /jobs/v1; else it has an address that nobody can guess.", HelpName = "/hooks/NAME" };
    readonly Option<string[]> method = new("--method") { Description = "Of a webhook: POST when not given; may be repeated.", HelpName = "METHOD" };
    readonly Option<string> verify = new("--verify") { Description = "Of a webhook, who signs: stripe, github, standard-webhooks, slack, or hmac with --header.", HelpName = "TYPE" };
    readonly Option<string> header = new("--header") { Description = "Of a webhook: the header that has the signature.", HelpName = "NAME" };
    readonly Option<string[]> secret = new("--secret") { Description = "Of a webhook: what its sender signs with, or better vault:PATH; may be repeated.", HelpName = "SECRET" };
    readonly Option<string> expiresIn = new("--expires-in") { Description = "Of a webhook: when its address ends, such as 30d.", HelpName = "DURATION" };

    public IEnumerable<Option> All => [path, method, verify, header, secret, expiresIn];

    public void Add(ParseResult given, JsonObject body)
    {
        if (given.GetValue(path) is { } at) body["path"] = at;
        if (given.GetValue(method) is { Length: > 0 } methods) body["methods"] = Array(methods);
        if (given.GetValue(expiresIn) is { } duration) body["expires_in"] = duration;
        var secrets = given.GetValue(secret) ?? [];
        if (given.GetValue(verify) is { } type)
        {
            var verification = new JsonObject { ["type"] = type };
            if (given.GetValue(header) is { } name) verification["header"] = name;
            if (secrets is [var only]) verification["secret"] = only;
            else if (secrets.Length > 1) verification["secrets"] = Array(secrets);
            body["verify"] = verification;
        }
        else if (secrets.Length > 0 || given.GetValue(header) is not null)
        {
            throw Failure.Usage("--secret and --header need --verify");
        }
    }

    static JsonArray Array(string[] texts) => new([.. texts.Select(x => (JsonNode)x)]);
}
