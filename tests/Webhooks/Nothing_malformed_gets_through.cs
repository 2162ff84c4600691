using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Ingress.Webhooks;

namespace ReactorJobs.Tests.Webhooks;

/// <summary>Whatever comes in headers, paths and bodies, it is answered with the error that is documented for it, and never believed.</summary>
[Collection(WithHost.Name)]
public sealed class Nothing_malformed_gets_through(SharedHost shared)
{
    static readonly HookVerification[] Schemes = [Given.Stripe, Given.GitHub, Given.Standard, Given.Slack, Given.Plain, Given.Plain with { Encoding = "base64", Prefix = "v=" }];
    static readonly string[] Reasons = ["missing", "repeated", "malformed", "mismatch", "too_old", "too_new"];

    /// <summary>Texts that are made of what signatures are made of, and of anything at all.</summary>
    static Gen<string> Header { get; } = Gen.OneOf(
        Gen.Elements("t=", "v1=", "v0=", "v1,", "sha256=", ",", " ", "=", "1760000000", "0", "-1", "ab", "zz", new string('a', 64), "AAAA", "é", "\u0000").ListOf().Select(string.Concat),
        ArbMap.Default.GeneratorFor<string>().Select(x => x ?? ""));

    [Fact]
    public void No_header_that_was_not_made_with_the_secret_fits() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2_000),
        Prop.ForAll(Arb.From(Header.Four()), Arb.From(Gen.Choose(0, Schemes.Length - 1)), Arb.From(ArbMap.Default.GeneratorFor<byte[]>()), (headers, scheme, body) =>
        {
            var verification = Schemes[scheme];
            var sent = Given.Headers((verification.Header, headers.Item1), ("webhook-id", headers.Item2), ("webhook-timestamp", headers.Item3), ("x-slack-request-timestamp", headers.Item4));
            var fault = Ingress.Webhooks.Signatures.SignatureCheck.Check(verification, sent, body ?? [], ["whsec_c2VjcmV0"], Given.Now);
            return fault is not null && Reasons.Contains(fault.Reason);
        }));

    [Fact]
    public void One_changed_bit_of_a_body_is_one_too_many() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(Arb.From(ArbMap.Default.GeneratorFor<NonEmptyArray<byte>>()), Arb.From(Gen.Choose(0, int.MaxValue)), (bytes, at) =>
        {
            var body = bytes.Get;
            var mac = Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("k"u8, body));
            var sent = Given.Headers(("x-signature", mac));
            var fits = Ingress.Webhooks.Signatures.SignatureCheck.Check(Given.Plain, sent, body, ["k"], Given.Now) is null;
            body[at % body.Length] ^= (byte)(1 << (at % 8));
            return fits && Ingress.Webhooks.Signatures.SignatureCheck.Check(Given.Plain, sent, body, ["k"], Given.Now)?.Reason == "mismatch";
        }));

    [Fact]
    public void Payloads_are_JSON_whatever_the_body_is() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1_000),
        Prop.ForAll(Arb.From(ArbMap.Default.GeneratorFor<byte[]>()), Arb.From(ArbMap.Default.GeneratorFor<string>()), (body, contentType) =>
        {
            try
            {
                using var document = System.Text.Json.JsonDocument.Parse(WebhookPayload.Read(body ?? [], contentType).Utf8);
                return true;
            }
            catch (Hosting.Http.ProblemException refused)
            {
                return refused.Problem.Status is 400 or 413;
            }
        }));

    /// <summary>Escaped, half of a surrogate pair may stand in any JSON: as a name, it is passed over; as an id, it is none.</summary>
    [Theory]
    [InlineData("""{"\ud83d": 1, "id": "evt_1"}""", "evt_1")]
    [InlineData("""{"id": "evt_1", "\ud83d": 1, "\u0069d": "evt_2"}""", "evt_2")]
    [InlineData("""{"\ud83d": 1}""", "sha256:")]
    [InlineData("""{"id": "\ud83d"}""", "sha256:")]
    [InlineData("""[{"id": "evt_1"}]""", "sha256:")]
    public void What_is_no_text_is_no_ones_id(string body, string id) =>
        Assert.StartsWith(id, DeliveryIdentity.Of(Given.Stripe, Given.Headers(), Encoding.UTF8.GetBytes(body)), StringComparison.Ordinal);

    [Fact]
    public async Task No_bytes_on_the_line_get_more_than_the_documented_error()
    {
        var host = shared.Host;
        var token = (await host.Webhook("hammered", new { kind = "webhook" })).GetProperty("url").GetString()!.Split('/')[^1];
        await host.Webhook("hammered", new { kind = "webhook", path = "/hooks/hammered", verify = new { type = "stripe", secret = "s" } });
        var texts = Header.Select(x => new string([.. x.Where(c => c is > ' ' and < '\u007f')]));
        var requests = texts.Four().Sample(40).Concat(Gen.Constant(("", "", "", "")).Sample(1)).SelectMany(x => new[]
        {
            ($"/jobs/v1/hooks/hammered", x.Item2, x.Item3), ($"/jobs/v1/hooks/{Escaped(x.Item1)}", x.Item2, x.Item3), ($"/jobs/v1/hooks/@{Escaped(x.Item1)}/hammered", x.Item2, x.Item3),
            ($"/jobs/v1/webhooks/{Escaped(x.Item1)}", x.Item2, x.Item3), ($"/jobs/v1/webhooks/{token}{Escaped(x.Item4)}x", x.Item2, x.Item3), ($"/jobs/v1/webhooks/{token[..^1]}", x.Item2, x.Item3),
        }).ToArray();
        foreach (var (path, signature, body) in requests)
        {
            var answer = await Raw(host.Address, path, signature, body);
            var (status, code) = Read(answer);
            Assert.True((status, code) is (401, "signature_invalid") or (404, "trigger_not_found") or (404, "not_found") or (400, "invalid_request") or (400, ""), $"{path}: {answer}");
        }

        static string Escaped(string text) => Uri.EscapeDataString(text);
    }

    /// <summary>Byte for byte, which no client would send.</summary>
    static async Task<string> Raw(Uri address, string path, string signature, string body)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nStripe-Signature: {signature}\r\nContent-Type: {signature}\r\nContent-Length: {body.Length}\r\n\r\n{body}")));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    static (int Status, string Code) Read(string answer)
    {
        var status = int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture);
        var begin = answer.IndexOf("\"code\":\"", StringComparison.Ordinal);
        return (status, begin < 0 ? "" : answer[(begin + 8)..answer.IndexOf('"', begin + 8)]);
    }
}
