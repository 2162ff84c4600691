using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace ReactorJobs.Tests.Webhooks;

[Collection(WithHost.Name)]
public sealed class A_path_is_for_those_who_sign(SharedHost shared)
{
    const string Body = """{"id":"evt_1","type":"payment_intent.succeeded"}""";
    readonly Host host = shared.Host;

    /// <summary>As the guide prints it.</summary>
    const string Printed = """
        {
          "id": "stripe-payment-processor",
          "handler": "process-payment",
          "triggers": [
            {
              "type": "webhook",
              "path": "/hooks/stripe",
              "method": "POST",
              "verify": {
                "type": "hmac",
                "header": "stripe-signature",
                "secret": "vault:jobs/stripe_webhook_secret"
              }
            }
          ]
        }
        """;

    [Fact]
    public async Task As_the_manifest_of_the_guide_has_it_from_its_secret_to_its_run()
    {
        (await host.Post("/jobs/v1/jobs", Printed)).Refused(400, "invalid_request");
        await Secret("jobs/stripe_webhook_secret", "whsec_1");
        Assert.Equal(200, (await host.Post("/jobs/v1/jobs", Printed)).Status);
        Assert.Equal("""{"created":[],"updated":[],"unchanged":["stripe-payment-processor"]}""", (await host.Post("/jobs/v1/jobs", Printed)).Text);

        var accepted = await Stripe("/jobs/v1/hooks/stripe", "whsec_1");
        var run = await host.Run(accepted);
        Assert.Equal(Body, run.GetProperty("payload").GetRawText());
        var detail = run.GetProperty("trigger").GetProperty("detail");
        Assert.Equal(("/hooks/stripe", "evt_1"), (detail.GetProperty("path").GetString(), detail.GetProperty("delivery_id").GetString()));
        Assert.False(detail.GetProperty("headers").TryGetProperty("stripe-signature", out _));

        // The same event, signed anew at the next try.
        host.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(accepted["run_id"], (await Stripe("/jobs/v1/hooks/stripe", "whsec_1"))["run_id"]);
        Assert.Equal(accepted["run_id"], (await Stripe("/jobs/v1/hooks/@acme/stripe", "whsec_1"))["run_id"]);
        (await Stripe("/jobs/v1/hooks/stripe", "whsec_2")).Refused(401, "signature_invalid");
        (await host.Deliver("/jobs/v1/hooks/stripe", Body)).Refused(401, "signature_invalid");
        (await Stripe("/jobs/v1/hooks/stripe", "whsec_1", age: 301)).Refused(401, "signature_invalid");

        // What is in the store now counts, within the age of what was found.
        await Secret("jobs/stripe_webhook_secret", "whsec_2");
        host.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(accepted["run_id"], (await Stripe("/jobs/v1/hooks/stripe", "whsec_2"))["run_id"]);
        (await Stripe("/jobs/v1/hooks/stripe", "whsec_1")).Refused(401, "signature_invalid");
        await host.Send(HttpMethod.Delete, "/secrets/v1/jobs/stripe_webhook_secret");
        host.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(1), (await Stripe("/jobs/v1/hooks/stripe", "whsec_2")).Refused(503, "unavailable").Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Which_each_sender_does_in_its_way_with_an_id_of_its_own()
    {
        await host.Webhook("github", new { kind = "webhook", path = "/hooks/github", verify = new { type = "github", secret = "s" } });
        Task<Answer> GitHub(string body, string delivery) =>
            host.Deliver("/jobs/v1/hooks/github", body, ("X-Hub-Signature-256", "sha256=" + Given.Hex("s", body)), ("X-GitHub-Delivery", delivery), ("X-GitHub-Event", "push"));
        var first = await GitHub("{}", "72d3162e");
        Assert.Equal("push", (await host.Run(first)).GetProperty("trigger").GetProperty("detail").GetProperty("headers").GetProperty("x-github-event").GetString());
        Assert.Equal(first["run_id"], (await GitHub("{}", "72d3162e"))["run_id"]);
        Assert.NotEqual(first["run_id"], (await GitHub("{}", "83e4273f"))["run_id"]);

        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
        await host.Webhook("standard", new { kind = "webhook", path = "/hooks/standard", verify = new { type = "standard-webhooks", secret = "whsec_" + key } });
        Task<Answer> Standard(string body, string id)
        {
            var at = Now();
            var mac = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(key), Encoding.UTF8.GetBytes($"{id}.{at}.{body}")));
            return host.Deliver("/jobs/v1/hooks/standard", body, ("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", "v1," + mac));
        }

        first = await Standard("1", "msg_1");
        Assert.Equal((202, first["run_id"]), (first.Status, (await Standard("2", "msg_1"))["run_id"]));
        Assert.NotEqual(first["run_id"], (await Standard("1", "msg_2"))["run_id"]);
    }

    [Fact]
    public async Task And_Slack_asks_first_whether_the_address_is_the_right_one()
    {
        await host.Webhook("slack", new { kind = "webhook", path = "/hooks/slack", verify = new { type = "slack", secret = "s" } });
        Task<Answer> Slack(string body)
        {
            var at = Now();
            return host.Deliver("/jobs/v1/hooks/slack", body, ("X-Slack-Request-Timestamp", at), ("X-Slack-Signature", "v0=" + Given.Hex("s", $"v0:{at}:{body}")));
        }

        const string challenge = """{"type":"url_verification","challenge":"3eZbrw1aB"}""";
        Assert.Equal("""{"challenge":"3eZbrw1aB"}""", (await Slack(challenge)).Text);
        (await host.Deliver("/jobs/v1/hooks/slack", challenge)).Refused(401, "signature_invalid");
        Assert.Equal(0, (await host.Get("/jobs/v1/runs?job_id=slack")).Body.GetArrayLength());
        var first = await Slack("""{"event_id":"Ev1","x":1}""");
        Assert.Equal((202, first["run_id"]), (first.Status, (await Slack("""{"event_id":"Ev1","x":2}"""))["run_id"]));
    }

    [Fact]
    public async Task A_signed_body_without_an_id_is_known_by_what_it_says()
    {
        await host.Webhook("plain", new { kind = "webhook", path = "/hooks/plain", verify = new { type = "hmac", header = "X-Mac", secret = "s" } });
        Task<Answer> Plain(string body, params (string, string)[] headers) => host.Deliver("/jobs/v1/hooks/plain", body, [("X-Mac", Given.Hex("s", body)), .. headers]);
        var first = await Plain("1");
        Assert.Equal((202, first["run_id"]), (first.Status, (await Plain("1"))["run_id"]));
        // What is not signed cannot make a new one of an old one.
        Assert.Equal(first["run_id"], (await Plain("1", ("Idempotency-Key", "another"), ("X-GitHub-Delivery", "another")))["run_id"]);
        Assert.NotEqual(first["run_id"], (await Plain("2"))["run_id"]);
    }

    [Fact]
    public async Task While_a_secret_is_changed_there_are_two()
    {
        await host.Webhook("turning", new { kind = "webhook", path = "/hooks/turning", verify = new { type = "stripe", secrets = new[] { "whsec_old", "whsec_new" } } });
        Assert.Equal(202, (await Stripe("/jobs/v1/hooks/turning", "whsec_old")).Status);
        Assert.Equal(202, (await Stripe("/jobs/v1/hooks/turning", "whsec_new")).Status);

        var manifest = new { id = "turning", handler = "h", max_concurrency = 1, triggers = new[] { new { kind = "webhook", path = "/hooks/turning", verify = new { type = "stripe", secret = "whsec_new" } } } };
        Assert.Equal("""{"created":[],"updated":[],"unchanged":["turning"]}""", (await host.Post("/jobs/v1/jobs", manifest)).Text);
        (await Stripe("/jobs/v1/hooks/turning", "whsec_old")).Refused(401, "signature_invalid");
        Assert.Equal(202, (await Stripe("/jobs/v1/hooks/turning", "whsec_new")).Status);
    }

    [Fact]
    public async Task Secrets_are_stored_sealed_and_shown_to_nobody()
    {
        var made = await host.Webhook("sealed", new { kind = "webhook", path = "/hooks/sealed", verify = new { type = "github", secret = "open sesame 42" } });
        Assert.EndsWith("/jobs/v1/hooks/sealed", made.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"type":"github","header":"x-hub-signature-256"}""", made.GetProperty("verify").GetRawText());
        Assert.DoesNotContain("sesame", made.GetRawText() + (await host.Get("/jobs/v1/_admin/jobs/sealed/triggers")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", await Dump("ingress.hook") + await Dump("scheduler.trigger"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_is_one_triggers_and_free_when_that_is_gone()
    {
        var verify = new { type = "github", secret = "s" };
        var first = await host.Webhook("taker", new { kind = "webhook", path = "/hooks/taken", verify });
        Assert.Equal(200, (await host.Post("/jobs/v1/_admin/jobs/taker/triggers", new { kind = "webhook", path = "/hooks/taken", verify })).Status);
        await host.Post("/jobs/v1/_admin/jobs", new { name = "second", handler = "h" });
        var refused = (await host.Post("/jobs/v1/_admin/jobs/second/triggers", new { kind = "webhook", path = "/hooks/taken", verify })).Refused(409, "path_taken");
        Assert.Contains("\"taker\"", refused["detail"], StringComparison.Ordinal);
        await host.Send(HttpMethod.Delete, $"/jobs/v1/_admin/jobs/taker/triggers/{first.GetProperty("id")}");
        Assert.Equal(201, (await host.Post("/jobs/v1/_admin/jobs/second/triggers", new { kind = "webhook", path = "/hooks/taken", verify })).Status);
    }

    [Fact]
    public async Task What_a_crash_has_left_keeps_no_path()
    {
        await host.Webhook("crashed", new { kind = "webhook", path = "/hooks/left", verify = new { type = "github", secret = "s" } });
        await Execute("delete from scheduler.trigger where job = 'crashed'");
        await host.Post("/jobs/v1/_admin/jobs", new { name = "heir", handler = "h" });
        var trigger = new { kind = "webhook", path = "/hooks/left", verify = new { type = "github", secret = "s" } };
        // It may be a trigger that is being made just now.
        (await host.Post("/jobs/v1/_admin/jobs/heir/triggers", trigger)).Refused(409, "path_taken");
        await Execute("update ingress.hook set created_at = created_at - interval '2 minutes' where job = 'crashed'");
        Assert.Equal(201, (await host.Post("/jobs/v1/_admin/jobs/heir/triggers", trigger)).Status);
    }

    [Fact]
    public async Task Orgs_have_paths_of_their_own()
    {
        var trigger = new { kind = "webhook", path = "/hooks/shared", verify = new { type = "stripe", secret = "whsec_1" } };
        await host.Webhook("own", trigger);
        var theirs = await host.Webhook("own", trigger, "globex");
        Assert.EndsWith("/jobs/v1/hooks/@globex/shared", theirs.GetProperty("url").GetString(), StringComparison.Ordinal);
        var (ours, others) = (await Stripe("/jobs/v1/hooks/shared", "whsec_1"), await Stripe("/jobs/v1/hooks/@globex/shared", "whsec_1"));
        Assert.Equal("own", (await host.Run(ours)).GetProperty("job_id").GetString());
        Assert.Equal("own", (await host.Run(others, "globex")).GetProperty("job_id").GetString());
        (await host.Get($"/jobs/v1/runs/{others["run_id"]}")).Refused(404, "run_not_found");
        (await host.Get($"/jobs/v1/_admin/jobs/own/triggers/{theirs.GetProperty("id")}/deliveries")).Refused(404, "trigger_not_found");
        (await Stripe("/jobs/v1/hooks/@nobody/shared", "whsec_1")).Refused(404, "trigger_not_found");
    }

    [Theory]
    [InlineData("""{"kind": "webhook", "path": "/hooks/x"}""", "/verify")]
    [InlineData("""{"kind": "webhook", "path": "/hooks/x", "verify": null}""", "/verify")]
    [InlineData("""{"kind": "webhook", "path": "/stripe", "verify": {"type": "stripe", "secret": "s"}}""", "/path")]
    [InlineData("""{"kind": "webhook", "path": "/hooks/@globex/x", "verify": {"type": "stripe", "secret": "s"}}""", "/path")]
    [InlineData("""{"kind": "webhook", "path": "/hooks/../x", "verify": {"type": "stripe", "secret": "s"}}""", "/path")]
    [InlineData("""{"kind": "webhook", "path": "/hooks/a//b", "verify": {"type": "stripe", "secret": "s"}}""", "/path")]
    [InlineData("""{"kind": "webhook", "method": "HEAD"}""", "/method")]
    [InlineData("""{"kind": "webhook", "methods": []}""", "/methods")]
    [InlineData("""{"kind": "webhook", "methods": ["POST", "get"]}""", "/methods/1")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "strip"}}""", "/verify/type")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "hmac", "secret": "s"}}""", "/verify/header")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "hmac", "header": "a b", "secret": "s"}}""", "/verify/header")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "standard-webhooks", "header": "x-mac", "secret": "s"}}""", "/verify/header")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "stripe", "algorithm": "sha1", "secret": "s"}}""", "/verify/algorithm")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "hmac", "header": "x", "algorithm": "md5", "secret": "s"}}""", "/verify/algorithm")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "stripe", "tolerance": 300, "secret": "s"}}""", "/verify/tolerance")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "stripe", "secret": ""}}""", "/verify/secret")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "stripe", "secret": "vault:"}}""", "/verify/secret")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "stripe", "secret": "vault:not/there"}}""", "/verify/secret")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "stripe", "secret": "{{ env PATH }}"}}""", "/verify/secret")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "stripe", "secret": "{{ env NO_WEBHOOK_SECRET }}"}}""", "/verify/secret")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "stripe"}}""", "/verify/secret")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "standard-webhooks", "secret": "whsec_%"}}""", "/verify/secret")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "stripe", "secret": "a", "secrets": ["b"]}}""", "/verify/secrets")]
    [InlineData("""{"kind": "webhook", "verify": {"type": "stripe", "secrets": ["a", 1]}}""", "/verify/secrets/1")]
    [InlineData("""{"kind": "webhook", "expires_at": "2030-01-01T00:00:00Z", "expires_in": "1d"}""", "/expires_in")]
    [InlineData("""{"kind": "webhook", "topic": "x"}""", "/topic")]
    public async Task A_wrong_trigger_is_refused_with_its_field(string trigger, string pointer)
    {
        await host.Post("/jobs/v1/_admin/jobs", new { name = "strict", handler = "h" });
        var refused = (await host.Post("/jobs/v1/_admin/jobs/strict/triggers", trigger)).Refused(400, "invalid_request");
        Assert.Contains(pointer, refused.Body.GetProperty("errors").EnumerateArray().Select(x => x.GetProperty("pointer").GetString()));
        Assert.Equal(0, (await host.Get("/jobs/v1/_admin/jobs/strict/triggers")).Body.GetArrayLength());
    }

    [Fact]
    public async Task Without_a_secret_of_its_own_that_of_the_installation_counts()
    {
        await using var other = await Host.Start(shared.Server.NewDatabase(), webhookSecret: "of the installation");
        await other.Webhook("common", new { kind = "webhook", path = "/hooks/common", verify = new { type = "github" } });
        Assert.Equal(202, (await other.Deliver("/jobs/v1/hooks/common", "1", ("x-hub-signature-256", "sha256=" + Given.Hex("of the installation", "1")))).Status);
        (await other.Deliver("/jobs/v1/hooks/common", "1", ("x-hub-signature-256", "sha256=" + Given.Hex("another", "1")))).Refused(401, "signature_invalid");
    }

    Task Secret(string path, string value) => host.Send(HttpMethod.Put, $"/secrets/v1/{path}", new { value });

    string Now() => host.Time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    Task<Answer> Stripe(string path, string secret, int age = 0) =>
        host.Deliver(path, Body, ("Stripe-Signature", Given.StripeHeader(secret, Body, host.Time.GetUtcNow().AddSeconds(-age))));

    async Task<string> Dump(string table)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand($"select string_agg(t::text, '') from {table} t", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    async Task Execute(string sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    async Task<NpgsqlConnection> Open()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(host.Database.AdminConnection) { Database = host.Database.Database }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
