using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Ingress.Schema;
using ReactorJobs.Ingress.Secrets;
using ReactorJobs.Ingress.Webhooks;

namespace ReactorJobs.Tests.Webhooks;

[Collection(WithHost.Name)]
public sealed class Secrets_of_hooks_outlive_their_key(SharedHost shared)
{
    static readonly string Old = Convert.ToBase64String(new byte[32]);
    static readonly string New = Convert.ToBase64String(Enumerable.Repeat((byte)7, 32).ToArray());

    [Fact]
    public async Task They_are_sealed_anew_and_open_for_their_own_hook_only()
    {
        await using var host = await Host.Start(shared.Server.NewDatabase());
        var one = await host.Webhook("one", new { kind = "webhook", path = "/hooks/one", verify = new { type = "github", secret = "first" } });
        var two = await host.Webhook("two", new { kind = "webhook", path = "/hooks/two", verify = new { type = "github", secret = "second" } });
        await host.Webhook("three", new { kind = "webhook" });
        var database = host.Services.GetRequiredKeyedService<ServiceDatabase>(IngressDb.Name);
        var (store, turning) = (new HookStore(database), Cipher(New, Old));

        var report = await new SecretRotation(database, turning, host.Time, NullLogger<SecretRotation>.Instance).Run(default);

        Assert.Equal(new(2, 0), report);
        var (first, second) = (await Row(one), await Row(two));
        var secrets = new HookSecrets(host.Services.GetRequiredService<SecretStore>(), Cipher(New), new(), _ => null);
        Assert.Equal(["first"], (await secrets.Open(first, default)).Values);
        Assert.Equal(["second"], (await secrets.Open(second, default)).Values);
        var swapped = await secrets.Open(first with { Secrets = second.Secrets }, default);
        Assert.Empty(swapped.Values);
        Assert.Contains("cannot be read", swapped.Fault, StringComparison.Ordinal);

        async Task<HookRow> Row(System.Text.Json.JsonElement trigger) => (await store.OfTrigger("acme", trigger.GetProperty("id").GetString()!, default))!;
    }

    [Theory]
    [InlineData("{{ env SHOP_WEBHOOK_SECRET }}", "SHOP_WEBHOOK_SECRET")]
    [InlineData("{{env SHOP_WEBHOOK_SECRET_2}}", "SHOP_WEBHOOK_SECRET_2")]
    public async Task Or_are_in_the_environment(string given, string variable)
    {
        var secrets = new HookSecrets(shared.Host.Services.GetRequiredService<SecretStore>(), Cipher(Old), new(), name => name == variable ? "from outside" : null);
        Assert.Equal(["from outside"], (await secrets.Find("acme", "github", [given], default)).Values);
        var missing = await secrets.Find("acme", "github", ["{{ env OTHER_WEBHOOK_SECRET }}", "literal"], default);
        Assert.Equal(["literal"], missing.Values);
        Assert.Contains("OTHER_WEBHOOK_SECRET is not set", missing.Fault, StringComparison.Ordinal);
    }

    static SecretCipher Cipher(string key, params string[] previous) => new(new SecretsSettings { Key = key, PreviousKeys = previous }, nonce => RandomNumberGenerator.Fill(nonce));
}
