using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>
/// RabbitMQ ends the channel of whoever takes too long to acknowledge (half an hour, by default): here after five seconds. An attempt may run for
/// much longer, as nothing on the bus stays unacknowledged while a handler runs.
/// </summary>
public sealed class A_run_outlasts_the_brokers_patience : IAsyncLifetime
{
    const int PatienceMs = 5_000;

    /// <summary>How often it looks for who is late; each minute, by default.</summary>
    const int LooksEveryMs = 250;

    /// <summary>So many times that patience the run lasts, at least.</summary>
    const int Times = 3;

    readonly SuiteProcess suite = new() { InSeveralProcesses = true, Scale = "executor=1,scheduler=1" };
    WorkerProcess worker = null!;
    Api api = null!;
    JsonNode broker = null!;

    public async Task InitializeAsync()
    {
        var settings = Directory.CreateDirectory(Path.Combine(suite.Data, "rabbitmq", "conf.d"));
        await File.WriteAllTextAsync(Path.Combine(settings.FullName, "90-patience.conf"), $"consumer_timeout = {PatienceMs}\n");
        suite.Launch();
        await suite.Serves();
        broker = suite.Broker;
        await LookOften();
        api = new(suite.Url, suite.Token);
        worker = WorkerProcess.Start(suite, "handlers.mjs");
    }

    public async Task DisposeAsync()
    {
        if (worker is not null)
            await worker.DisposeAsync();
        api?.Dispose();
        await suite.DisposeAsync();
    }

    [Fact]
    public async Task Its_dispatch_is_not_delivered_again_and_no_consumer_is_dead()
    {
        await api.Job("long", new { handler = "gate" });
        var sign = Path.Combine(suite.Folder("signs"), "go");
        var run = await api.Trigger("long", new { sign });
        await Until.True("the handler runs", async () => (string)(await api.Get($"/jobs/v1/runs/{run}")).Json["status"]! == "running");

        // Whoever holds a message that long is cut off: the patience is as it was set.
        for (var i = 0; i < Times; i++)
            await LosesItsChannel();
        await File.WriteAllTextAsync(sign, "");
        await Until.True("it completes", async () => (string)(await api.Get($"/jobs/v1/runs/{run}")).Json["status"]! == "completed");

        await using var database = await suite.OpenDatabase();
        await using var epoch = new Npgsql.NpgsqlCommand("select epoch from scheduler.run where job = 'long'", database);
        Assert.Equal(1, await epoch.ExecuteScalarAsync());
        // Whoever starts on a busy machine may hold a message for so long all the same: what counts is the dispatch.
        foreach (var queue in await Queues())
            if (Contracts.Queues.IsExecutor((string)queue["name"]!, out _))
                Assert.Equal(0, (int?)queue["message_stats"]?["redeliver"] ?? 0);
        // All that listened still does.
        var next = await api.Trigger("long", new { sign });
        await Until.True("the next one completes", async () => (string)(await api.Get($"/jobs/v1/runs/{next}")).Json["status"]! == "completed");
    }

    async Task LosesItsChannel()
    {
        await using var connection = await new ConnectionFactory { Uri = suite.Amqp }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var lost = new TaskCompletionSource<string>();
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            lost.TrySetResult(reason.ReplyText);
            return Task.CompletedTask;
        };
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        await channel.BasicPublishAsync("", queue, Encoding.UTF8.GetBytes("held"));
        await channel.BasicConsumeAsync(queue, autoAck: false, new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(channel));
        Assert.Contains("acknowledgement", await lost.Task.WaitAsync(Until.Limit), StringComparison.Ordinal);
    }

    /// <summary>A setting that no file has; channels that are open keep theirs, so that the services come again.</summary>
    async Task LookOften()
    {
        var cookie = await File.ReadAllTextAsync(Path.Combine(suite.Data, "rabbitmq", ".erlang.cookie"));
        var set = string.Create(CultureInfo.InvariantCulture, $"ok = rpc:call(reactor@localhost, application, set_env, [rabbit, channel_tick_interval, {LooksEveryMs}]), halt().");
        var start = new ProcessStartInfo("erl",
            ["-noinput", "-sname", "patience@localhost", "-start_epmd", "false", "-erl_epmd_port", broker["ports"]!["distribution"]!.ToString(), "-dist_listen", "false", "-setcookie", cookie, "-eval", set]);
        start.Environment["HOME"] = suite.Logs;
        using (var erlang = Process.Start(start)!)
        {
            await erlang.WaitForExitAsync();
            Assert.Equal(0, erlang.ExitCode);
        }

        var before = suite.Processes();
        string[] services = [.. before.Keys.Where(x => x is not ("rabbitmq" or "postgresql"))];
        foreach (var name in services)
            Process.GetProcessById(before[name]).Kill();
        await Until.True("others are listed", () => Task.FromResult(services.All(name => suite.Processes().GetValueOrDefault(name, before[name]) != before[name])));
        await suite.Serves();
    }

    async Task<JsonNode[]> Queues()
    {
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{broker["ports"]!["management"]}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{broker["user"]}:{broker["password"]}")));
        return [.. JsonNode.Parse(await client.GetStringAsync(new Uri("/api/queues", UriKind.Relative)))!.AsArray().Select(x => x!)];
    }
}
