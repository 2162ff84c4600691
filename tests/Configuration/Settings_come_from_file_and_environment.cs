using Microsoft.Extensions.Configuration;
using ReactorJobs.Events;
using ReactorJobs.Executor;
using ReactorJobs.Executor.Runtime;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Ingress;
using ReactorJobs.Scheduler;

namespace ReactorJobs.Tests.Configuration;

public sealed class Settings_come_from_file_and_environment
{
    const string Guide =
        """
        [jobs]
        worker_count = 4
        scheduler_interval_ms = 1000
        default_timeout_ms = 600000 # 10 minutes
        webhook_secret = "{{ env REACTOR_JOBS_WEBHOOK_SECRET }}"
        max_org_concurrent_runs = 50
        """;

    const string Reference =
        """
        [jobs]
        worker_count = 4
        scheduler_interval_ms = 1000
        default_timeout_ms = 600000 # 10 minutes
        max_timeout_ms = 3600000 # 1 hour
        webhook_secret = "your-webhook-secret"
        [jobs.functions]
        url = "http://localhost:8004"
        api_key = "internal-functions-api-key"
        [jobs.data]
        url = "http://localhost:8002"
        api_key = "internal-data-api-key"
        """;

    [Fact]
    public void The_guides_file_binds()
    {
        using var folder = new SettingsFolder(Guide).With("REACTOR_JOBS_WEBHOOK_SECRET", "s3cret");

        Assert.Equal(new JobsSettings { WebhookSecret = "s3cret", MaxOrgConcurrentRuns = 50 }, folder.Load().Settings.Jobs);
    }

    [Fact]
    public void Databases_are_watched_under_names()
    {
        using var folder = new SettingsFolder("[jobs.data.databases.shop]\nconnection = 'Host=db;Database=shop'\norgs = ['acme', 'globex']\nwarn_wal_mb = 64\n[jobs.data.databases.archive]\nconnection = 'Host=old'\norgs = ['acme']\nschemas = ['sales']")
            .With("REACTOR_JOBS__DATA__DATABASES__SHOP__CONNECTION", "Host=other;Password=a,b").With("REACTOR_JOBS__DATA__DATABASES__LOCAL__CONNECTION", "Host=/tmp").With("REACTOR_JOBS__DATA__DATABASES__LOCAL__ORGS", "acme,globex");

        var databases = folder.Load().Settings.WatchedDatabases;
        Assert.Equal(
            [("archive", "Host=old", "acme", "sales", 1024), ("local", "Host=/tmp", "acme globex", "", 1024), ("shop", "Host=other;Password=a,b", "acme globex", "", 64)],
            databases.Select(x => (x.Name, x.Connection!, string.Join(' ', x.Orgs), string.Join(' ', x.Schemas), x.WarnWalMb)));
    }

    [Fact]
    public void The_references_file_binds()
    {
        using var folder = new SettingsFolder(Reference);

        var settings = folder.Load().Settings;
        Assert.Equal(new JobsSettings { WebhookSecret = "your-webhook-secret" }, settings.Jobs);
        Assert.Equal(new FunctionsSettings { Url = "http://localhost:8004", ApiKey = "internal-functions-api-key" }, settings.Functions);
        Assert.Equal(new DataSettings { Url = "http://localhost:8002", ApiKey = "internal-data-api-key" }, settings.Data);
    }

    [Fact]
    public void The_defaults_are_those_of_the_samples()
    {
        using var folder = new SettingsFolder();

        var (settings, file) = folder.Load();
        Assert.Null(file);
        Assert.Equal((4, 1_000, 600_000, 3_600_000), (settings.Jobs.WorkerCount, settings.Jobs.SchedulerIntervalMs, settings.Jobs.DefaultTimeoutMs, settings.Jobs.MaxTimeoutMs));
        Assert.Null(settings.Jobs.MaxOrgConcurrentRuns);
    }

    [Fact]
    public void Every_setting_of_jobs_can_be_given_and_reaches_the_services()
    {
        using var folder = new SettingsFolder(
            """
            [jobs]
            worker_count = 5
            http_slots = 6
            scheduler_interval_ms = 700
            default_timeout_ms = 8
            max_timeout_ms = 9
            default_max_attempts = 10
            default_max_concurrency = 11
            max_org_concurrent_runs = 12
            max_org_requests_per_second = 14
            retention_days = 13
            event_retention_days = 15
            webhook_secret = "s"
            default_org = "globex"
            public_url = "https://jobs.example.com/base"
            """);

        var jobs = folder.Load().Settings.Jobs;
        var scheduler = SchedulerOptions.From(jobs, "one");
        Assert.Equal(
            new SchedulerOptions
            {
                Name = "one",
                DefaultMaxAttempts = 10,
                DefaultMaxConcurrency = 11,
                DefaultTimeout = TimeSpan.FromMilliseconds(8),
                MaxTimeout = TimeSpan.FromMilliseconds(9),
                MaxOrgConcurrentRuns = 12,
                RetentionDays = 13,
                SweepEvery = TimeSpan.FromMilliseconds(700),
            }, scheduler);
        Assert.Equal(new ExecutorOptions { Name = "one", HttpSlots = 6, PublicUrl = "https://jobs.example.com/base" }, ExecutorOptions.From(jobs, "one", "http://here"));
        Assert.Equal(5, RuntimeOptions.From(jobs, new()).WorkerCount);
        Assert.Equal(new IngressOptions { RequestsPerSecond = 14, WebhookSecret = "s", DefaultOrg = "globex" }, IngressOptions.From(jobs));
        Assert.Equal(new EventsOptions { Retention = TimeSpan.FromDays(15) }, EventsOptions.From(jobs));
    }

    [Fact]
    public void Without_a_setting_the_services_keep_their_defaults()
    {
        Assert.Equal(new IngressOptions(), IngressOptions.From(new()));
        Assert.Equal(new EventsOptions(), EventsOptions.From(new()));
        Assert.Equal(new SchedulerOptions(), SchedulerOptions.From(new(), "scheduler"));
        Assert.Equal(new ExecutorOptions { Name = "x", PublicUrl = "http://here" }, ExecutorOptions.From(new(), "x", "http://here"));
    }

    [Fact]
    public void A_variable_wins_over_the_file()
    {
        using var folder = new SettingsFolder(Reference).With("REACTOR_JOBS__WORKER_COUNT", "7").With("REACTOR_JOBS__FUNCTIONS__URL", "https://functions");

        var settings = folder.Load().Settings;
        Assert.Equal(7, settings.Jobs.WorkerCount);
        Assert.Equal(("https://functions", "internal-functions-api-key"), (settings.Functions.Url, settings.Functions.ApiKey));
        Assert.Equal("your-webhook-secret", settings.Jobs.WebhookSecret);
    }

    [Fact]
    public void Variables_that_are_no_settings_are_left_alone()
    {
        using var folder = new SettingsFolder()
            .With("REACTOR_TOKEN", "t").With("REACTOR_URL", "u").With("REACTOR_JOBS_WEBHOOK_SECRET", "s").With("REACTOR___X", "y").With("OTHER__JOBS__WORKER_COUNT", "9");

        Assert.Equal(new JobsSettings(), folder.Load().Settings.Jobs);
    }

    [Fact]
    public void A_list_in_a_variable_replaces_the_files()
    {
        var (one, two, three) = (Key(1), Key(2), Key(3));
        using var folder = new SettingsFolder($"[secrets]\nkey = '{one}'\nprevious_keys = [\n  '{two}',\n  '{three}',\n]\n");
        Assert.Equal([two, three], folder.Load().Settings.Secrets.PreviousKeys);

        folder.With("REACTOR_SECRETS__PREVIOUS_KEYS", one);
        Assert.Equal([one], folder.Load().Settings.Secrets.PreviousKeys);
        folder.With("REACTOR_SECRETS__PREVIOUS_KEYS", $"{one}, {three}");
        Assert.Equal([one, three], folder.Load().Settings.Secrets.PreviousKeys);
        folder.With("REACTOR_SECRETS__PREVIOUS_KEYS", "");
        Assert.Empty(folder.Load().Settings.Secrets.PreviousKeys);
    }

    [Fact]
    public void References_to_variables_are_filled_in_anywhere_in_a_string()
    {
        using var folder = new SettingsFolder("a = \"{{ env HOST }}:{{env PORT}}\"\nb = [ '{{  env\tHOST  }}', { c = \"{{ env EMPTY }}\" } ]\nd = '{ {env HOST} } {{'\n")
            .With("HOST", "{{ env PORT }}").With("PORT", "80").With("EMPTY", "");

        var configuration = folder.Configuration();
        // What a variable holds is not read again.
        Assert.Equal("{{ env PORT }}:80", configuration["a"]);
        Assert.Equal("{{ env PORT }}", configuration["b:0"]);
        Assert.Equal("", configuration["b:1:c"]);
        Assert.Equal("{ {env HOST} } {{", configuration["d"]);
    }

    [Fact]
    public void Any_TOML_is_configuration_of_NET()
    {
        using var folder = new SettingsFolder(
            "i = 0xff\nf = 1.5\nb = true\nt = 1979-05-27 07:32:00z\n[a.b]\nc.d = ['x', 'y']\ne = []\n[[list]]\nn = 1\n[[list]]\nn = 2\n[empty]\n");

        var configuration = folder.Configuration();
        Assert.Equal(("255", "1.5", "true", "1979-05-27T07:32:00Z"), (configuration["i"], configuration["f"], configuration["b"], configuration["t"]));
        Assert.Equal(["x", "y"], configuration.GetSection("a:b:c:d").GetChildren().Select(x => x.Value));
        Assert.Equal(["1", "2"], configuration.GetSection("list").GetChildren().Select(x => x["n"]));
        Assert.Equal("", configuration["a:b:e"]);
        Assert.Contains("empty", configuration.GetChildren().Select(x => x.Key));
        Assert.Equal("255", configuration["I"]);
    }

    [Fact]
    public void The_nearest_file_upwards_holds()
    {
        using var folder = new SettingsFolder("[jobs]\nworker_count = 1\n");
        folder.Write("a/reactor.toml", "[jobs]\nworker_count = 2\n");
        folder.Write("a/b/c/keep", "");

        Assert.Equal((2, Path.Combine(folder.Folder, "a", "reactor.toml")), (folder.Load("a/b/c").Settings.Jobs.WorkerCount, folder.Load("a/b/c").File));
        Assert.Equal((1, folder.File), (folder.Load().Settings.Jobs.WorkerCount, folder.Load().File));
        folder.Write("a/Reactor.toml", "[jobs]\nworker_count = 3\n");
        Assert.Equal(3, folder.Load("a").Settings.Jobs.WorkerCount);
    }

    static string Key(byte filling) => Convert.ToBase64String([.. Enumerable.Repeat(filling, 32)]);
}
