using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_webhook_starts_a_run(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task At_an_address_that_nobody_can_guess_until_it_is_deleted()
    {
        await api.Job("hooked", new { handler = "hooked" });
        var trigger = (await api.Post("/jobs/v1/_admin/jobs/hooked/triggers", """{"kind": "webhook"}""")).Is(HttpStatusCode.Created).Json;
        var url = (string)trigger["url"]!;
        Assert.StartsWith(shared.Suite.Url + "/jobs/v1/webhooks/whk_", url, StringComparison.Ordinal);

        var run = await api.Ended((string)(await Deliver(url, """{"orderId":"ord_456","source":"stripe"}""", ("X-Shop", "one"))).Is(HttpStatusCode.Accepted).Json["run_id"]!);
        Assert.Equal("""{"payload":{"orderId":"ord_456","source":"stripe"},"kind":"webhook","header":"one","same":"one"}""", run["result"]!.ToJsonString());

        (await api.Send(HttpMethod.Delete, $"/jobs/v1/_admin/jobs/hooked/triggers/{trigger["id"]}", null)).Is(HttpStatusCode.NoContent);
        (await Deliver(url, "{}")).Refused(HttpStatusCode.NotFound, "trigger_not_found");
    }

    [Fact]
    public async Task At_the_path_of_the_guides_manifest_for_what_Stripe_has_signed()
    {
        (await api.Send(HttpMethod.Put, "/secrets/v1/jobs/stripe_webhook_secret", """{"value": "whsec_of_the_reader"}""")).Is(HttpStatusCode.Created);
        (await api.Post("/jobs/v1/jobs", """
            {
              "id": "stripe-payment-processor",
              "handler": "echo",
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
            """)).Is(HttpStatusCode.OK);

        const string body = """{"id":"evt_1","type":"payment_intent.succeeded","data":{}}""";
        var url = shared.Suite.Url + "/jobs/v1/hooks/stripe";
        var accepted = (await Deliver(url, body, ("stripe-signature", Signed(body)))).Is(HttpStatusCode.Accepted);
        Assert.Equal(body, (await api.Ended((string)accepted.Json["run_id"]!))["result"]!.ToJsonString());
        Assert.Equal(accepted.Text, (await Deliver(url, body, ("stripe-signature", Signed(body)))).Is(HttpStatusCode.Accepted).Text);
        (await Deliver(url, body, ("stripe-signature", "t=123,v1=abc"))).Refused(HttpStatusCode.Unauthorized, "signature_invalid");
        (await Deliver(url, body)).Refused(HttpStatusCode.Unauthorized, "signature_invalid");
        (await api.Get("/jobs/v1/hooks/stripe")).Refused(HttpStatusCode.MethodNotAllowed, "method_not_allowed");

        var id = (string)(await api.All("/jobs/v1/_admin/jobs/stripe-payment-processor/triggers")).Single()["id"]!;
        var log = await Until.Some("all of it is in the log", async () =>
            await api.All($"/jobs/v1/_admin/jobs/stripe-payment-processor/triggers/{id}/deliveries") is { Count: 5 } found ? found : null);
        Assert.Equal(["method_not_allowed", "signature_invalid", "signature_invalid", "repeated", "accepted"], log.Select(x => (string)x["verdict"]!));
        var again = (await api.Post($"/jobs/v1/_admin/jobs/stripe-payment-processor/triggers/{id}/deliveries/{log[^1]["id"]}/redeliver")).Is(HttpStatusCode.Accepted);
        Assert.NotEqual(accepted.Text, again.Text);
        Assert.Equal(body, (await api.Ended((string)again.Json["run_id"]!))["result"]!.ToJsonString());
    }

    static string Signed(string body)
    {
        var at = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return $"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData("whsec_of_the_reader"u8, Encoding.UTF8.GetBytes($"{at}.{body}")))}";
    }

    /// <summary>As the world calls: without a token.</summary>
    static async Task<Answer> Deliver(string url, string body, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(45) };
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await client.SendAsync(request);
        return new(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}
