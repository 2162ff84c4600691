using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json;
using ReactorJobs.Embedded;
using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Tests.Embedded;

/// <summary>What <c>Reactor.toml</c> says holds in the running suite, and the key of the secrets outlives it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SettingsReachTheHostTests : PrivatePostgresFixture
{
    static readonly string Configured = Convert.ToBase64String([.. Enumerable.Repeat((byte)7, 32)]);

    string KeyFile => Path.Combine(DataFolder, "secret-key");

    [Fact]
    public async Task Defaults_and_limits_of_jobs_are_the_settings()
    {
        var settings = new ReactorSettings { Jobs = new() { DefaultMaxAttempts = 9, DefaultMaxConcurrency = 8, DefaultTimeoutMs = 7_000, MaxTimeoutMs = 7_001, RetentionDays = 6 } };
        await using var host = await EmbeddedHost.Start(new(DataFolder, FreePort(), Settings: settings), TimeProvider.System, new Progress<string>(), default).WaitAsync(Limit);
        using var client = Client(host);

        var job = await Post(client, "/jobs/v1/_admin/jobs", new { name = "a", handler = "a" });
        Assert.Equal((9, 8, 7_000, 6), (
            job.GetProperty("retry").GetProperty("max_attempts").GetInt32(), job.GetProperty("max_concurrency").GetInt32(), job.GetProperty("timeout_ms").GetInt32(),
            job.GetProperty("retention_days").GetInt32()));
        var refused = await Post(client, "/jobs/v1/_admin/jobs", new { name = "b", handler = "b", timeout_ms = 7_002 });
        Assert.Equal("/timeout_ms", refused.GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task Secrets_are_kept_over_restarts_under_a_key_of_the_folders()
    {
        string key;
        await using (var host = await Host())
        {
            using var client = Client(host);
            using var stored = await client.PutAsJsonAsync("/secrets/v1/jobs/stripe", new { value = "whsec" });
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            key = await File.ReadAllTextAsync(KeyFile);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        }

        await using (var host = await Host())
        {
            using var client = Client(host);
            Assert.Equal("jobs/stripe", (await client.GetFromJsonAsync<JsonElement>("/secrets/v1"))[0].GetProperty("path").GetString());
            Assert.Equal(key, await File.ReadAllTextAsync(KeyFile));
        }
    }

    [Fact]
    public async Task A_damaged_key_stops_the_start_and_stays()
    {
        Directory.CreateDirectory(DataFolder);
        await File.WriteAllTextAsync(KeyFile, "half a key");

        var failure = await Assert.ThrowsAsync<CannotStart>(Host);

        Assert.Contains($"{KeyFile} is damaged", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("half a key", failure.Message, StringComparison.Ordinal);
        Assert.Equal("half a key", await File.ReadAllTextAsync(KeyFile));
    }

    [Fact]
    public async Task A_configured_key_needs_no_file_and_makes_the_files_a_previous_one()
    {
        Directory.CreateDirectory(DataFolder);
        Assert.Equal((Configured, 0), Shown(await DevSecretKey.Ensure(DataFolder, new() { Key = Configured })));
        Assert.False(File.Exists(KeyFile));

        var made = (await DevSecretKey.Ensure(DataFolder, new())).Key!;
        Assert.Equal(32, Convert.FromBase64String(made).Length);
        Assert.Equal((made, 0), Shown(await DevSecretKey.Ensure(DataFolder, new())));
        var both = await DevSecretKey.Ensure(DataFolder, new() { Key = Configured, PreviousKeys = ["x"] });
        Assert.Equal(Configured, both.Key);
        Assert.Equal(["x", made], both.PreviousKeys);
    }

    Task<EmbeddedHost> Host() => EmbeddedHost.Start(new(DataFolder, FreePort()), TimeProvider.System, new Progress<string>(), default).WaitAsync(Limit);

    static (string?, int) Shown(SecretsSettings settings) => (settings.Key, settings.PreviousKeys.Count);

    static HttpClient Client(EmbeddedHost host)
    {
        var client = new HttpClient { BaseAddress = new(host.Url) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", host.Token);
        return client;
    }

    static async Task<JsonElement> Post(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
