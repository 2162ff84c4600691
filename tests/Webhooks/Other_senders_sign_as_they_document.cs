using System.Security.Cryptography;
using System.Text;
using ReactorJobs.Ingress.Webhooks;

namespace ReactorJobs.Tests.Webhooks;

/// <summary>The vectors are those of the senders' own documentation.</summary>
public sealed class Other_senders_sign_as_they_document
{
    const string GitHubSecret = "It's a Secret to Everybody";
    const string GitHubBody = "Hello, World!";
    const string GitHubMac = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    const string SlackSecret = "8f742231b10e8888abcd99yyyzzz85a5";
    const string SlackBody =
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect"
        + "&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const string SlackMac = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    static readonly DateTimeOffset SlackTime = DateTimeOffset.FromUnixTimeSeconds(1_531_420_618);

    const string StandardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const string StandardBody = """{"test": 2432232314}""";
    const string StandardMac = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    static readonly DateTimeOffset StandardTime = DateTimeOffset.FromUnixTimeSeconds(1_614_265_330);

    [Fact]
    public void GitHub_signs_the_body()
    {
        string? Reason(string header, string body = GitHubBody, string secret = GitHubSecret) => Given.Reason(Given.GitHub, Given.Headers(("X-Hub-Signature-256", header)), body, secret);
        Assert.Null(Reason("sha256=" + GitHubMac));
        Assert.Null(Reason("sha256=" + GitHubMac.ToUpperInvariant()));
        Assert.Equal("mismatch", Reason("sha256=" + GitHubMac, "Hello, World"));
        Assert.Equal("mismatch", Reason("sha256=" + GitHubMac, secret: "It's a secret to everybody"));
        Assert.All([GitHubMac, "sha1=" + GitHubMac, "sha256=" + GitHubMac[..63], "sha256=" + GitHubMac[..62], "sha256=", $"sha256={GitHubMac},sha256={GitHubMac}", "sha256=" + new string('g', 64)],
            header => Assert.Equal("malformed", Reason(header)));
        Assert.Equal("repeated", Given.Reason(Given.GitHub, Given.Headers(("x-hub-signature-256", "sha256=" + GitHubMac), ("x-hub-signature-256", "sha256=" + GitHubMac)), GitHubBody, GitHubSecret));
    }

    [Fact]
    public void Slack_signs_version_time_and_body()
    {
        string? Reason(string mac, string time, string body = SlackBody, int age = 0) =>
            Given.Reason(Given.Slack, Given.Headers(("X-Slack-Signature", mac), ("X-Slack-Request-Timestamp", time)), body, SlackSecret, SlackTime.AddSeconds(age));
        Assert.Null(Reason(SlackMac, "1531420618"));
        Assert.Equal("mismatch", Reason(SlackMac, "1531420619"));
        Assert.Equal("mismatch", Reason(SlackMac, "1531420618", SlackBody + "&x=y"));
        Assert.Equal("too_old", Reason(SlackMac, "1531420618", age: 301));
        Assert.Equal("too_new", Reason(SlackMac, "1531420618", age: -301));
        Assert.Equal("malformed", Reason(SlackMac[..^1], "1531420618"));
        Assert.Equal("malformed", Reason(SlackMac, "soon"));
        Assert.Equal("missing", Given.Reason(Given.Slack, Given.Headers(("x-slack-signature", SlackMac)), SlackBody, SlackSecret, SlackTime));
    }

    [Fact]
    public void Standard_Webhooks_sign_id_time_and_body()
    {
        string? Reason(string mac, string id = "msg_p5jXN8AQM9LWM0D4loKWxJek", string body = StandardBody, int age = 0, string lead = "webhook") => Given.Reason(
            Given.Standard with { Header = lead + "-signature" }, Given.Headers(($"{lead}-id", id), ($"{lead}-timestamp", "1614265330"), ($"{lead}-signature", mac)), body, StandardSecret, StandardTime.AddSeconds(age));
        Assert.Null(Reason(StandardMac));
        Assert.Null(Reason(StandardMac, lead: "svix"));
        Assert.Null(Reason("v1a,AAAA " + StandardMac));
        Assert.Null(Reason($"{StandardMac} v1,{Convert.ToBase64String(new byte[32])}"));
        Assert.Null(Reason($"v1,{Convert.ToBase64String(new byte[32])} v1,not-base64! {StandardMac} v2,x"));
        Assert.Equal("mismatch", Reason(StandardMac, id: "msg_other"));
        Assert.Equal("mismatch", Reason(StandardMac, body: """{"test": 2432232315}"""));
        Assert.Equal("mismatch", Reason($"v1,{Convert.ToBase64String(new byte[32])}"));
        Assert.Equal("too_old", Reason(StandardMac, age: 301));
        Assert.Equal("too_new", Reason(StandardMac, age: -301));
        Assert.All(["v1", "v1,", StandardMac[3..], "v2," + StandardMac[3..], StandardMac[..^1]], header => Assert.Contains(Reason(header), new[] { "malformed", "mismatch" }));
        Assert.Equal("missing", Given.Reason(Given.Standard, Given.Headers(("webhook-signature", StandardMac)), StandardBody, StandardSecret, StandardTime));
    }

    [Fact]
    public void A_secret_that_is_no_Base64_fits_nothing() =>
        Assert.Equal("mismatch", Given.Reason(Given.Standard, Given.Headers(("webhook-id", "m"), ("webhook-timestamp", "1760000000"), ("webhook-signature", StandardMac)), "", "whsec_%"));

    [Theory]
    [InlineData("sha256", "hex", "")]
    [InlineData("sha256", "base64", "")]
    [InlineData("sha256", "hex", "sha256=")]
    [InlineData("sha1", "hex", "sha1=")]
    [InlineData("sha1", "base64", "")]
    [InlineData("sha512", "hex", "")]
    [InlineData("sha512", "base64", "HMAC ")]
    public void A_plain_MAC_has_any_algorithm_encoding_and_prefix(string algorithm, string encoding, string prefix)
    {
        byte[] key = [.. "k"u8], body = [.. "body"u8];
        var mac = algorithm switch { "sha1" => HMACSHA1.HashData(key, body), "sha512" => HMACSHA512.HashData(key, body), _ => HMACSHA256.HashData(key, body) };
        var text = encoding == "hex" ? Convert.ToHexStringLower(mac) : Convert.ToBase64String(mac);
        var verification = new HookVerification("hmac", "x-signature", algorithm, encoding, prefix);
        string? Reason(string header, string sent = "body", string secret = "k") => Given.Reason(verification, Given.Headers(("X-Signature", header)), sent, secret);
        Assert.Null(Reason(prefix + text));
        Assert.Equal("mismatch", Reason(prefix + text, "Body"));
        Assert.Equal("mismatch", Reason(prefix + text, secret: "K"));
        Assert.Contains(Reason(prefix + text[..^2]), new[] { "malformed", "mismatch" });
        Assert.Contains(Reason(prefix + text + text), new[] { "malformed", "mismatch" });
        Assert.Equal("malformed", Reason(prefix.Length > 0 ? text : "?"));
    }

    [Fact]
    public void A_body_is_signed_as_it_came_whatever_its_bytes()
    {
        byte[] body = [0xff, 0x00, 0xfe, (byte)'\n', (byte)'\r'];
        var mac = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("k"), body));
        Assert.Null(Ingress.Webhooks.Signatures.SignatureCheck.Check(Given.Plain, Given.Headers(("x-signature", mac)), body, ["k"], Given.Now));
    }
}
