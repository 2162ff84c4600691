using System.Net.Http.Json;
using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Tests.Executor;

/// <summary>The worker protocol, over a socket and the bus.</summary>
[Collection(WithPostgres.Name)]
public sealed class A_worker_runs_attempts(ExecutorDatabase server) : IAsyncLifetime
{
    ExecutorHost host = null!;

    public async Task InitializeAsync() => host = await ExecutorHost.Start(server.Options);

    public async Task DisposeAsync() => await host.DisposeAsync();

    static object Checkpoint(long id, ExecuteRun run, string key, object? output) => new { t = "checkpoint", id, run = run.RunId.ToString(), epoch = run.Epoch, key, output };

    static object Complete(long id, ExecuteRun run, object? result) => new { t = "finish", id, run = run.RunId.ToString(), epoch = run.Epoch, outcome = "completed", result };

    [Fact]
    public async Task A_run_goes_to_its_worker_and_its_outcome_to_the_scheduler()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun(payload: "{\"a\":  1}");
        await host.Send(run);

        var frame = await worker.Next("run");
        Assert.Equal("{\"a\":  1}", frame.GetProperty("payload").GetRawText());
        Assert.Equal(run.RunId.ToString(), frame.GetProperty("run").GetString());
        Assert.Equal("manual", frame.GetProperty("trigger").GetProperty("kind").GetString());

        await worker.Send(Checkpoint(1, run, "step:a", 5), Complete(2, run, "done"));
        var acknowledged = new List<int>();
        while (acknowledged.Count < 2) // in one frame or in two
            acknowledged.AddRange((await worker.Next("ack")).GetProperty("ids").EnumerateArray().Select(x => x.GetInt32()));
        Assert.Equal([1, 2], acknowledged);
        var finished = await host.Finished(run);
        Assert.Equal((AttemptOutcomes.Completed, "\"done\""), (finished.Outcome, finished.Result.ToString()));
    }

    [Fact]
    public async Task A_sleep_suspends_and_the_next_epoch_finds_it_done()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun();
        await host.Send(run);
        await worker.Next("run");
        await worker.Send(new { t = "checkpoint", id = 1, run = run.RunId.ToString(), epoch = 1, key = "sleep:s", sleep_ms = 1 });
        var due = (await worker.Next("ack")).GetProperty("due").GetProperty("1").GetString();
        await worker.Send(new { t = "suspend", id = 2, run = run.RunId.ToString(), epoch = 1, waits = new[] { "sleep:s" } });
        await worker.Next("ack");
        var suspended = (AttemptSuspended)await host.Outcome(run);
        Assert.Equal(DateTimeOffset.Parse(due!), suspended.Waits.Single().DueAt);

        await host.Send(run with { Epoch = 2 });
        var entry = (await worker.Next("run")).GetProperty("entries")[0];
        Assert.Equal((due, true), (entry.GetProperty("due_at").GetString(), entry.GetProperty("done").GetBoolean()));
    }

    [Fact]
    public async Task Attempts_of_a_broken_connection_are_lost()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun();
        await host.Send(run);
        await worker.Next("run");
        worker.Break();
        Assert.Equal(AttemptOutcomes.Lost, (await host.Finished(run)).Outcome);
    }

    [Fact]
    public async Task A_run_without_a_worker_is_handed_back()
    {
        var run = host.NewRun("nobody");
        await host.Send(run);
        Assert.Equal(AttemptOutcomes.Released, (await host.Finished(run)).Outcome);
    }

    [Fact]
    public async Task What_waits_for_a_slot_gets_it_when_one_is_free()
    {
        await using var worker = await TestWorker.Join(host, slots: 1);
        var (first, second) = (host.NewRun(), host.NewRun());
        await host.Send(first);
        await worker.Next("run");
        await host.Send(second);
        await worker.Send(Complete(1, first, null));
        await host.Finished(first);
        var frames = new[] { await worker.Next(), await worker.Next() };
        Assert.Contains(frames, x => x.GetProperty("t").GetString() == "run" && x.GetProperty("run").GetString() == second.RunId.ToString());
    }

    [Fact]
    public async Task A_cancel_aborts_and_later_writes_are_refused()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun();
        await host.Send(run);
        await worker.Next("run");
        await host.Send(new CancelAttempt(run.OrgId, run.RunId, 1, "cancelled"));
        Assert.Equal("cancelled", (await worker.Next("abort")).GetProperty("reason").GetString());
        await worker.Send(Checkpoint(1, run, "step:a", 1));
        Assert.Equal("superseded", (await worker.Next("refuse")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_time_limit_aborts_and_says_so()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun(timeoutMs: 30);
        await host.Send(run);
        await worker.Next("run");
        Assert.Equal("timeout", (await worker.Next("abort")).GetProperty("reason").GetString());
        var finished = await host.Finished(run);
        Assert.Equal((AttemptOutcomes.TimedOut, "TimeoutError"), (finished.Outcome, finished.Error!.Name));
        Assert.Contains("30 ms", finished.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_epoch_takes_over()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun();
        await host.Send(run);
        await worker.Next("run");
        await host.Send(run with { Epoch = 2 });
        Assert.Equal("superseded", (await worker.Next("abort")).GetProperty("reason").GetString());
        Assert.Equal(2, (await worker.Next("run")).GetProperty("epoch").GetInt32());
    }

    [Fact]
    public async Task Another_orgs_run_is_not_to_be_written()
    {
        await using var owner = await TestWorker.Join(host);
        await using var stranger = await TestWorker.Join(host, org: "other");
        var run = host.NewRun();
        await host.Send(run);
        await owner.Next("run");
        await stranger.Send(Checkpoint(1, run, "step:a", 1));
        Assert.Equal("superseded", (await stranger.Next("refuse")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Events_leave_with_their_step_once()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun();
        await host.Send(run);
        await worker.Next("run");
        var frame = new { t = "checkpoint", id = 1, run = run.RunId.ToString(), epoch = 1, key = "step:a", output = 1, events = new[] { new { topic = "order.paid", payload = new { n = 1 } } } };
        await worker.Send(frame);
        await worker.Next("ack");
        await worker.Send(frame);
        await worker.Next("ack");
        var emitted = await host.Event();
        Assert.Equal(("order.paid", "{\"n\":1}", run.RunId), (emitted.Topic, emitted.Payload.ToString(), emitted.Source!.Value));

        var detail = await Detail(run);
        Assert.Equal(emitted.EventId.ToString(), detail.GetProperty("events")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task The_detail_shows_steps_sleeps_and_attempts()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun();
        await host.Send(run);
        await worker.Next("run");
        await worker.Send(
            Checkpoint(1, run, "step:a", new { x = 1 }), Checkpoint(2, run, "read:0", 1),
            new { t = "finish", id = 3, run = run.RunId.ToString(), epoch = 1, outcome = "failed", error = new { name = "E", message = "m", step = "b" } });
        await host.Finished(run);
        await host.Send(run with { Epoch = 2, Attempt = 2 });
        while ((await worker.Next()).GetProperty("t").GetString() != "run")
        {
        }

        var detail = await Detail(run);
        Assert.Equal(["a completed", "b failed"], detail.GetProperty("steps").EnumerateArray().Select(x => $"{x.GetProperty("name").GetString()} {x.GetProperty("status").GetString()}"));
        Assert.Equal("{\"x\":1}", detail.GetProperty("steps")[0].GetProperty("output").GetRawText());
        Assert.Equal(["1 failed", "2 "], detail.GetProperty("attempts").EnumerateArray().Select(x => $"{x.GetProperty("number").GetInt32()} {x.GetProperty("outcome").GetString()}"));
        Assert.Equal("tester:1", detail.GetProperty("attempts")[1].GetProperty("worker").GetString());
    }

    async Task<JsonElement> Detail(ExecuteRun run)
    {
        using var http = new HttpClient { BaseAddress = host.Url };
        Assert.Equal(404, (int)(await http.GetAsync($"/internal/executor/orgs/{run.OrgId}/runs/{run.RunId}")).StatusCode);
        http.DefaultRequestHeaders.Add(InternalCalls.Header, ExecutorHost.Secret);
        return await http.GetFromJsonAsync<JsonElement>($"/internal/executor/orgs/{run.OrgId}/runs/{run.RunId}");
    }

    [Fact]
    public async Task Slots_are_advertised_and_withdrawn()
    {
        var worker = await TestWorker.Join(host, 7, "acme", "b", "a");
        var pools = (await host.Advertised(x => x.Pools.Count == 2)).Pools;
        Assert.Equal(["* http 100", "acme a,b 7"], pools.Select(x => $"{x.OrgId} {string.Join(',', x.Handlers)} {x.Slots}"));
        await worker.Send(new { t = "drain" });
        await host.Advertised(x => x.Pools.Count == 1);
        await worker.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_hands_everything_back_and_says_so()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun();
        await host.Send(run);
        await worker.Next("run");
        var stop = host.Executor.Stop();
        Assert.Equal("lost", (await worker.Next("abort")).GetProperty("reason").GetString());
        Assert.Equal(JsonValueKind.Undefined, (await worker.Next()).ValueKind);
        Assert.Equal(1001, worker.CloseCode);
        await stop;
        await host.Advertised(x => x.Stopping);
        Assert.Equal(AttemptOutcomes.Released, (await host.Finished(run)).Outcome);
    }

    /// <summary>What is no name is not made a part of a path, which might be another path.</summary>
    [Fact]
    public async Task A_target_that_cannot_be_one_is_refused_as_one_that_is_nothing()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun();
        await host.Send(run);
        await worker.Next("run");
        foreach (var target in (string[])[".", "..", "../orgs", "a/../../b c", "\0", "a\0", "%2e%2e", "a?b", "a#b", "é", "😀", "a b", ":", "a\r\nHost: b", new('a', 129)])
        {
            await worker.Send(new { t = "ask", id = worker.NextId(), run = run.RunId.ToString(), epoch = 1, what = "target", of = target });
            var refused = await worker.Next("refuse");
            Assert.Equal("handler_not_found", refused.GetProperty("code").GetString());
            Assert.Contains($"no function's export \"{target}\": a target must begin with a letter or digit", refused.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("[{\"t\":\"hello\",\"protocol\":2,\"name\":\"w\",\"handlers\":[],\"slots\":1}]", "protocol_unsupported", "speaks protocol 2 and this server speaks 1: upgrade the server")]
    [InlineData("[{\"t\":\"hello\",\"protocol\":0,\"name\":\"w\",\"handlers\":[],\"slots\":1}]", "protocol_unsupported", "upgrade the worker's SDK")]
    [InlineData("[{\"t\":\"hello\",\"protocol\":1,\"name\":\"w\",\"handlers\":[\"a b\"],\"slots\":1}]", "handler_invalid", "a b")]
    [InlineData("[{\"t\":\"ping\"}]", "invalid_frame", "first frame is hello")]
    [InlineData("{", "invalid_frame", "array of frames")]
    public async Task A_bad_first_frame_is_refused_with_a_reason(string message, string code, string says)
    {
        await using var worker = await TestWorker.Connect(host);
        await worker.SendText(message);
        var error = await worker.Next("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Contains(says, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Undefined, (await worker.Next()).ValueKind);
        Assert.Equal(4400, worker.CloseCode);
    }
}
