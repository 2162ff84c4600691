using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Tests.Configuration;

/// <summary>Where, which key, what it is, and what is allowed.</summary>
public sealed class Wrong_settings_are_one_line
{
    [Theory]
    [InlineData("[jobs]\nworker_count = \"four\"", "Reactor.toml:2:16: jobs.worker_count is \"four\", but must be a whole number from 1 to 1,024")]
    [InlineData("[jobs]\nworker_count = \"4\"", "Reactor.toml:2:16: jobs.worker_count is \"4\", but must be a whole number from 1 to 1,024")]
    [InlineData("[jobs]\nworker_count = 0", "Reactor.toml:2:16: jobs.worker_count is 0, but must be a whole number from 1 to 1,024")]
    [InlineData("[jobs]\nworker_count = 4.0", "Reactor.toml:2:16: jobs.worker_count is 4 (a number with a fraction), but must be a whole number from 1 to 1,024")]
    [InlineData("[jobs]\nworker_count = 99999999999", "Reactor.toml:2:16: jobs.worker_count is 99999999999, but must be a whole number from 1 to 1,024")]
    [InlineData("jobs.worker_count = true", "Reactor.toml:1:21: jobs.worker_count is true, but must be a whole number from 1 to 1,024")]
    [InlineData("[jobs]\nworker_count = [4]", "Reactor.toml:2:16: jobs.worker_count is an array, but must be a whole number from 1 to 1,024")]
    [InlineData("[jobs.worker_count]\nx = 1", "Reactor.toml:1:7: jobs.worker_count is a table, but must be a whole number from 1 to 1,024")]
    [InlineData("[jobs]\nworker_count = 07:32:00", "Reactor.toml:2:16: jobs.worker_count is 07:32:00, but must be a whole number from 1 to 1,024")]
    [InlineData("[jobs]\nscheduler_interval_ms = 5", "Reactor.toml:2:25: jobs.scheduler_interval_ms is 5, but must be a whole number from 100 to 60,000 (ms)")]
    [InlineData("[jobs]\npublic_url = 'ftp://x'", "Reactor.toml:2:14: jobs.public_url is \"ftp://x\", but must be an http or https address in quotes")]
    [InlineData("[jobs.data]\nurl = 8002", "Reactor.toml:2:7: jobs.data.url is 8002, but must be an http or https address in quotes")]
    [InlineData("[jobs]\nworker_cuont = 4", "Reactor.toml:2:16: jobs.worker_cuont is not a setting; did you mean jobs.worker_count?")]
    [InlineData("[jobs]\nWorker_Count = 4", "Reactor.toml:2:16: jobs.Worker_Count is not a setting; did you mean jobs.worker_count?")]
    [InlineData("worker_count = 4", "Reactor.toml:1:16: worker_count is not a setting; did you mean jobs.worker_count?")]
    [InlineData("[job]\nworker_count = 4", "Reactor.toml:1:2: job is not a setting; did you mean jobs?")]
    [InlineData("[jobs.function]\nurl = 'http://x'", "Reactor.toml:1:7: jobs.function is not a setting; did you mean jobs.functions?")]
    [InlineData("[jobs.data]\nkey = 'x'", "Reactor.toml:2:7: jobs.data.key is not a setting; did you mean secrets.key?")]
    [InlineData("[jobs.data]\nport = 1", "Reactor.toml:2:8: jobs.data.port is not a setting; [jobs.data] may have url, api_key")]
    [InlineData("[zebra]", "Reactor.toml:1:2: zebra is not a setting; the file may have jobs, secrets, suite")]
    [InlineData("jobs = 4", "Reactor.toml:1:8: jobs is 4, but must be a table")]
    [InlineData("[[jobs]]\nworker_count = 4", "Reactor.toml:1:3: jobs is an array, but must be a table")]
    [InlineData("[jobs]\ndefault_timeout_ms = 2\nmax_timeout_ms = 1", "Reactor.toml:2:22: jobs.default_timeout_ms is 2, but must not be above jobs.max_timeout_ms, which is 1")]
    [InlineData("[jobs]\ndefault_timeout_ms = 3600001", "Reactor.toml:2:22: jobs.default_timeout_ms is 3600001, but must not be above jobs.max_timeout_ms, which is 3600000 by default")]
    [InlineData("[jobs]\nmax_timeout_ms = 1", "Reactor.toml:2:18: jobs.max_timeout_ms is 1, but must not be below jobs.default_timeout_ms, which is 600000 by default")]
    [InlineData("[jobs]\nworker_count = 4\nworker_count = 5", "Reactor.toml:3:1: \"worker_count\" is already a whole number (line 2), which cannot be defined again or added to from here")]
    [InlineData("[jobs]\nwebhook_secret = secret", "Reactor.toml:2:18: \"secret\" is no value: a string needs quotes")]
    [InlineData("[jobs]\nwebhook_secret = '{{ env NOT_SET }}'", "Reactor.toml:2:18: jobs.webhook_secret is taken from the environment variable NOT_SET, which is not set")]
    [InlineData("[jobs]\nwebhook_secret = '{{ vault x }}'", "Reactor.toml:2:18: jobs.webhook_secret has \"{{ vault x }}\" in it, which is not {{ env NAME }}")]
    [InlineData("[jobs]\nwebhook_secret = '{{ env A-B }}'", "Reactor.toml:2:18: jobs.webhook_secret has \"{{ env A-B }}\" in it, which is not {{ env NAME }}")]
    [InlineData("[a]\nb = 1\n[A]\nb = 2", "Reactor.toml:3:2: A is the same key as a: they differ in nothing that counts")]
    [InlineData("[secrets]\nprevious_keys = 'x'", "Reactor.toml:2:17: secrets.previous_keys is not valid (what it is is not shown here), but must be an array, each item of it 32 bytes in Base64, in quotes")]
    [InlineData("[secrets]\nprevious_keys = [\n 'AAAA' ]", "Reactor.toml:3:2: secrets.previous_keys[0] is not valid (what it is is not shown here), but must be an array, each item of it 32 bytes in Base64, in quotes")]
    [InlineData("[jobs.data.databases.shop]\nconnection = 'Host=db'", "Reactor.toml:1:22: [jobs.data.databases.shop] has no orgs")]
    [InlineData("[jobs.data.databases.shop]\norgs = ['acme']", "Reactor.toml:1:22: [jobs.data.databases.shop] has no connection")]
    [InlineData("[jobs.data.databases.Shop]\nconnection = 'Host=db'\norgs = []", "Reactor.toml:1:22: jobs.data.databases.Shop has the name \"Shop\", but a name has a-z 0-9 _ - and begins with a letter")]
    [InlineData("[jobs.data.databases.shop]\nconnection = 'Hots=db;Password=hush'\norgs = []", "Reactor.toml:2:14: jobs.data.databases.shop.connection is not valid (what it is is not shown here), but must be a connection string of Npgsql in quotes, such as \"Host=db;Username=watcher;Password=…;Database=shop\"")]
    [InlineData("[jobs.data.databases.shop]\nconection = 'Host=db'", "Reactor.toml:2:13: jobs.data.databases.shop.conection is not a setting; did you mean jobs.data.databases.*.connection?")]
    [InlineData("[jobs.data]\ndatabases = 'Host=db'", "Reactor.toml:2:13: jobs.data.databases is \"Host=db\", but must be a table")]
    public void In_the_file(string toml, string line)
    {
        using var folder = new SettingsFolder(toml);

        Assert.Equal(line, folder.Refused());
    }

    [Theory]
    [InlineData("REACTOR_JOBS__WORKER_COUNT", "many", "REACTOR_JOBS__WORKER_COUNT: jobs.worker_count is \"many\", but must be a whole number from 1 to 1,024")]
    [InlineData("REACTOR_JOBS__WORKER_COUNT", "", "REACTOR_JOBS__WORKER_COUNT: jobs.worker_count is \"\", but must be a whole number from 1 to 1,024")]
    [InlineData("REACTOR_JOBS__WORKER_CUONT", "4", "REACTOR_JOBS__WORKER_CUONT: jobs.worker_cuont is not a setting; did you mean jobs.worker_count?")]
    [InlineData("REACTOR_JOBS__FUNCTIONS", "4", "REACTOR_JOBS__FUNCTIONS: jobs.functions is a text, but must be a table")]
    [InlineData("REACTOR_JOBS__PUBLIC_URL", "localhost\n", "REACTOR_JOBS__PUBLIC_URL: jobs.public_url is \"localhost\\u000A\", but must be an http or https address in quotes")]
    [InlineData("REACTOR_JOBS__DEFAULT_TIMEOUT_MS", "3600001", "REACTOR_JOBS__DEFAULT_TIMEOUT_MS: jobs.default_timeout_ms is 3600001, but must not be above jobs.max_timeout_ms, which is 3600000 by default")]
    public void In_the_environment(string name, string value, string line)
    {
        using var folder = new SettingsFolder().With(name, value);

        Assert.Equal(line, folder.Refused());
    }

    [Fact]
    public void A_secret_is_not_shown()
    {
        using var folder = new SettingsFolder("[secrets]\nkey = 'hunter2'\n");
        Assert.DoesNotContain("hunter2", folder.Refused(), StringComparison.Ordinal);
        using var list = new SettingsFolder().With("REACTOR_SECRETS__PREVIOUS_KEYS", "hunter2,hunter3");
        Assert.DoesNotContain("hunter", list.Refused(), StringComparison.Ordinal);
        using var number = new SettingsFolder("[jobs]\nwebhook_secret = 12345\n");
        Assert.DoesNotContain("12345", number.Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        // What is read is a link that leads to itself: root may read everything else.
        using var folder = new SettingsFolder();
        File.CreateSymbolicLink(folder.File, folder.File);

        var line = Assert.Throws<SettingsRefused>(() => folder.Configuration()).Message;
        Assert.StartsWith($"{folder.File} cannot be read: ", line, StringComparison.Ordinal);
    }
}
