using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Ingress.Schema;
using ReactorJobs.Ingress.Secrets;

namespace ReactorJobs.Tests.Events;

[Collection(PostgresCollection.Name)]
public sealed class SecretTests : IAsyncLifetime
{
    const string Secrets = "/secrets/v1";
    readonly Host host;

    public SecretTests(PostgresServer server) => host = new(server);

    public Task InitializeAsync() => host.InitializeAsync();

    public Task DisposeAsync() => host.DisposeAsync();

    ServiceDatabase Database => host.Services.GetRequiredKeyedService<ServiceDatabase>(IngressDb.Name);

    [Fact]
    public async Task A_secret_is_stored_and_listed_but_never_shown()
    {
        var stored = await host.Send(HttpMethod.Put, $"{Secrets}/jobs/stripe_webhook_secret", new { value = "whsec_1" });
        var again = await host.Send(HttpMethod.Put, $"{Secrets}/jobs%2Fstripe_webhook_secret", new { value = "whsec_2" });

        Assert.Equal((201, "jobs/stripe_webhook_secret"), (stored.Status, stored["path"]));
        Assert.Equal((200, stored["created_at"]), (again.Status, again["created_at"]));
        Assert.Equal(405, (await host.Send(HttpMethod.Get, $"{Secrets}/jobs/stripe_webhook_secret")).Status);
        var list = await host.Send(HttpMethod.Get, Secrets);
        Assert.Equal(["path", "created_at", "updated_at"], Assert.Single(list.Body.EnumerateArray()).EnumerateObject().Select(x => x.Name));
        Assert.All([stored, again, list], answer => Assert.DoesNotContain("whsec", answer.Body.ToString(), StringComparison.Ordinal));
        Assert.Equal("""{"values":{"jobs/stripe_webhook_secret":"whsec_2"},"missing":[],"unreadable":[]}""", (await Resolve("acme", "jobs/stripe_webhook_secret")).Body.GetRawText());
    }

    [Fact]
    public async Task A_deleted_secret_is_gone()
    {
        await host.Send(HttpMethod.Put, $"{Secrets}/a/b", new { value = "x" });

        Assert.Equal(204, (await host.Send(HttpMethod.Delete, $"{Secrets}/a/b")).Status);
        var again = await host.Send(HttpMethod.Delete, $"{Secrets}/a%2fb");
        Assert.Equal((404, "secret_not_found", "There is no secret \"a/b\"."), (again.Status, again["code"], again["detail"]));
        Assert.Equal("""{"values":{},"missing":["a/b"],"unreadable":[]}""", (await Resolve("acme", "a/b")).Body.GetRawText());
    }

    [Fact]
    public async Task Long_lists_come_in_pages()
    {
        foreach (var path in new[] { "c", "a", "b" })
            await host.Send(HttpMethod.Put, $"{Secrets}/{path}", new { value = path });

        var first = await host.Send(HttpMethod.Get, $"{Secrets}?limit=2");
        var second = await host.Send(HttpMethod.Get, $"{Secrets}?limit=2&cursor=b");

        Assert.Equal(["a", "b"], first.Body.EnumerateArray().Select(x => x.GetProperty("path").GetString()));
        Assert.Contains("cursor=b", first.Headers["Link"], StringComparison.Ordinal);
        Assert.Equal(["c"], second.Body.EnumerateArray().Select(x => x.GetProperty("path").GetString()));
        Assert.False(second.Headers.ContainsKey("Link"));
    }

    [Theory]
    [InlineData("UPPER", """{"value": "x"}""", "path")]
    [InlineData("_first", """{"value": "x"}""", "path")]
    [InlineData("with%20space", """{"value": "x"}""", "path")]
    [InlineData("new%0Aline", """{"value": "x"}""", "path")]
    [InlineData("a", "{}", "/value")]
    [InlineData("a", """{"value": ""}""", "/value")]
    [InlineData("a", """{"value": 5}""", "/value")]
    [InlineData("a", """{"value": "x", "valeu": "y"}""", "/valeu")]
    public async Task A_wrong_request_names_its_field(string path, string body, string pointer)
    {
        var answer = await host.Send(HttpMethod.Put, $"{Secrets}/{path}", body);

        Assert.Equal((400, "invalid_request"), (answer.Status, answer["code"]));
        Assert.Equal(pointer, answer.Body.GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task Names_and_values_have_an_end()
    {
        Assert.Equal(201, (await host.Send(HttpMethod.Put, $"{Secrets}/{new string('a', 128)}", new { value = new string('é', 32 << 10) })).Status);
        Assert.Equal(400, (await host.Send(HttpMethod.Put, $"{Secrets}/{new string('a', 129)}", new { value = "x" })).Status);
        Assert.Equal(400, (await host.Send(HttpMethod.Put, $"{Secrets}/a", new { value = new string('é', (32 << 10) + 1) })).Status);
    }

    [Fact]
    public async Task Orgs_do_not_see_each_others_secrets()
    {
        await host.Send(HttpMethod.Put, $"{Secrets}/shared", new { value = "of acme" });
        await host.Send(HttpMethod.Put, $"{Secrets}/shared", new { value = "of globex" }, org: "globex");
        await host.Send(HttpMethod.Put, $"{Secrets}/own", new { value = "of globex" }, org: "globex");

        Assert.Single((await host.Send(HttpMethod.Get, Secrets)).Body.EnumerateArray());
        Assert.Equal(404, (await host.Send(HttpMethod.Delete, $"{Secrets}/own")).Status);
        Assert.Equal("""{"values":{"shared":"of acme"},"missing":["own"],"unreadable":[]}""", (await Resolve("acme", "shared", "own")).Body.GetRawText());
    }

    [Fact]
    public async Task Values_are_for_other_services_only()
    {
        await host.Send(HttpMethod.Put, $"{Secrets}/a", new { value = "x" });
        const string path = "/internal/ingress/orgs/acme/secrets/resolve";

        Assert.Equal(404, (await host.Send(HttpMethod.Post, path, new { paths = new[] { "a" } })).Status);
        Assert.Equal(404, (await host.Send(HttpMethod.Post, path, new { paths = new[] { "a" } }, headers: x => x.Add(InternalCalls.Header, "guess"))).Status);
        var answer = await Resolve("acme", "a");
        Assert.Equal((200, "no-store"), (answer.Status, answer.Headers["Cache-Control"]));
        Assert.Equal(400, (await Resolve("acme", "A")).Status);
        Assert.Equal(400, (await host.SendInternal(HttpMethod.Post, path, new { })).Status);
    }

    [Fact]
    public async Task The_database_holds_no_value_in_the_clear()
    {
        await host.Send(HttpMethod.Put, $"{Secrets}/a", new { value = "plain-to-see" });

        var stored = await Database.InOrg("acme", async connection =>
        {
            await using var command = new NpgsqlCommand("select ciphertext from secret", connection);
            return (byte[])(await command.ExecuteScalarAsync())!;
        });
        Assert.DoesNotContain("plain", System.Text.Encoding.UTF8.GetString(stored), StringComparison.Ordinal);
        Assert.Equal("plain-to-see".Length + 16, stored.Length);
    }

    [Theory]
    [InlineData("update secret set path = 'moved'")]
    [InlineData("update secret set ciphertext = set_byte(ciphertext, 0, get_byte(ciphertext, 0) # 1), path = 'moved'")]
    public async Task A_row_that_was_tampered_with_does_not_open(string sql)
    {
        await host.Send(HttpMethod.Put, $"{Secrets}/a", new { value = "x" });
        await Database.InOrg("acme", async connection =>
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteNonQueryAsync();
        });

        Assert.Equal("""{"values":{},"missing":[],"unreadable":["moved"]}""", (await Resolve("acme", "moved")).Body.GetRawText());
    }

    [Fact]
    public async Task Rotation_seals_everything_under_the_new_key()
    {
        var (old, fresh) = (Key(1), Key(2));
        foreach (var org in new[] { "acme", "globex" })
        {
            await host.Services.GetRequiredService<OrgRegister>().EnsureOrgWithToken(org, null);
            for (var i = 0; i < 210; i++)
                await Store(new() { Key = old }).Put(org, $"s{i}", $"{org} {i}", default);
        }

        await Store(new() { Key = Key(3) }).Put("acme", "lost", "x", default);

        Assert.Equal(new(420, 1), await Rotation(new() { Key = fresh, PreviousKeys = [old] }).Run(default));
        Assert.Equal(new(0, 1), await Rotation(new() { Key = fresh }).Run(default));
        var resolved = await Store(new() { Key = fresh }).Resolve("globex", ["s0", "s209"], default);
        Assert.Equal(("globex 0", "globex 209"), (resolved.Values["s0"], resolved.Values["s209"]));
        Assert.Equal(["lost"], (await Store(new() { Key = fresh }).Resolve("acme", ["lost"], default)).Unreadable);
    }

    [Fact]
    public async Task A_start_rotates_by_itself()
    {
        var (old, fresh) = (Key(1), Key(2));
        await host.Send(HttpMethod.Get, Secrets);
        await Store(new() { Key = old }).Put("acme", "a", "x", default);

        var rotation = Rotation(new() { Key = fresh, PreviousKeys = [old] });
        rotation.Start();
        var limit = TimeProvider.System.GetTimestamp();
        while ((await Store(new() { Key = fresh }).Resolve("acme", ["a"], default)).Unreadable.Count > 0)
            Assert.True(TimeProvider.System.GetElapsedTime(limit) < TimeSpan.FromSeconds(30));
        await rotation.Stop();
    }

    [Fact]
    public async Task A_value_that_is_written_during_the_rotation_stays()
    {
        var (old, fresh) = (Key(1), Key(2));
        await host.Send(HttpMethod.Get, Secrets);
        await Store(new() { Key = old }).Put("acme", "a", "before", default);
        // The rotation has read the old value when it makes a nonce for the new one.
        var store = Store(new() { Key = fresh });
        var cipher = new SecretCipher(new() { Key = fresh, PreviousKeys = [old] }, nonce =>
        {
            store.Put("acme", "a", "meanwhile", default).GetAwaiter().GetResult();
            RandomNumberGenerator.Fill(nonce);
        });

        Assert.Equal(new(0, 0), await new SecretRotation(Database, cipher, TimeProvider.System, NullLogger<SecretRotation>.Instance).Run(default));
        Assert.Equal("meanwhile", (await store.Resolve("acme", ["a"], default)).Values["a"]);
    }

    [Fact]
    public void Equal_values_look_different()
    {
        var cipher = Cipher(new() { Key = Key(1) });
        var (one, two) = (cipher.Seal("o", "p", "same"), cipher.Seal("o", "p", "same"));

        Assert.NotEqual(one.Ciphertext, two.Ciphertext);
        Assert.NotEqual(one.Nonce, two.Nonce);
        Assert.True(cipher.TryOpen("o", "p", two, out var value) && value == "same");
        Assert.False(cipher.TryOpen("p", "o", two, out _));
        Assert.False(Cipher(new() { Key = Key(2) }).TryOpen("o", "p", two, out _));
    }

    [Fact]
    public async Task Without_a_key_nothing_is_stored()
    {
        Assert.False(Cipher(new()).CanSeal);
        Assert.Equal(new(0, 0), await Rotation(new()).Run(default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store(new()).Put("acme", "a", "x", default));
    }

    Task<Answer> Resolve(string org, params string[] paths) => host.SendInternal(HttpMethod.Post, $"/internal/ingress/orgs/{org}/secrets/resolve", new { paths });

    SecretStore Store(SecretsSettings settings) => new(Database, Cipher(settings), TimeProvider.System);

    SecretRotation Rotation(SecretsSettings settings) => new(Database, Cipher(settings), TimeProvider.System, NullLogger<SecretRotation>.Instance);

    static SecretCipher Cipher(SecretsSettings settings) => new(settings, nonce => RandomNumberGenerator.Fill(nonce));

    static string Key(byte filling) => Convert.ToBase64String([.. Enumerable.Repeat(filling, 32)]);
}
