using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Tests.Cli;

public sealed class A_trigger_may_stay_with_its_run : IAsyncLifetime
{
    const string Running = """{"id":"run_1","job_id":"j","status":"running","attempt":1,"created_at":"2026-03-01T12:00:00.000Z","started_at":"2026-03-01T12:00:00.005Z","steps":[{"name":"validate","status":"completed","attempt":1,"started_at":"2026-03-01T12:00:00.010Z","duration_ms":12}]}""";
    const string Done = """{"id":"run_1","job_id":"j","status":"completed","attempt":1,"created_at":"2026-03-01T12:00:00.000Z","started_at":"2026-03-01T12:00:00.005Z","duration_ms":3200,"result":{"ok":true},"steps":[{"name":"validate","status":"completed","attempt":1,"started_at":"2026-03-01T12:00:00.010Z","duration_ms":12},{"name":"charge","status":"completed","attempt":1,"started_at":"2026-03-01T12:00:00.100Z","duration_ms":3000}]}""";
    const string Broke = """{"id":"run_1","job_id":"j","status":"failed","attempt":1,"created_at":"2026-03-01T12:00:00.000Z","duration_ms":10,"error":{"name":"Error","message":"no stock","step":"charge"}}""";

    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task Follow_prints_each_step_once_and_the_result()
    {
        api.Answers(Samples.Pending, 202).Streams($"data: {Running}", ": still there", "event: ping\ndata: {}", $"data: {Running}", $"data: {Done}").Answers(Done);
        using var shell = new Shell(api);

        var ended = await shell.Run("jobs", "trigger", "process-order", "--follow");

        Assert.Equal("""
            run_1  process-order  pending
                  +5ms  running                   attempt 1
                 +22ms  validate                  completed  12ms
                 +3.1s  charge                    completed  3s
            completed in 3.2s
            {
              "ok": true
            }

            """, ended.Out);
        Assert.Equal(0, ended.Exit);
        Assert.Equal(["POST /jobs/v1/process-order/trigger {}", "GET /jobs/v1/runs/run_1/follow", "GET /jobs/v1/runs/run_1"], api.Requests.Select(r => r.ToString()));
    }

    [Fact]
    public async Task Follow_takes_a_broken_stream_up_again()
    {
        api.Answers(Samples.Pending, 202)
            .Does(async http =>
            {
                http.Response.ContentType = "text/event-stream";
                await http.Response.WriteAsync($"data: {Running}\n\n");
                await http.Response.Body.FlushAsync();
                http.Abort();
            })
            .Streams($"data: {Done}")
            .Answers(Done);
        using var shell = new Shell(api);

        var ended = await shell.Run("jobs", "trigger", "j", "--follow", "-o", "json");

        Assert.Equal(Done + "\n", ended.Out);
        Assert.Equal("", ended.Error);
        Assert.Equal(0, ended.Exit);
        Assert.Equal(1, shell.Clock.Pauses);
    }

    [Fact]
    public async Task A_failed_run_is_exit_code_1()
    {
        api.Answers(Samples.Pending, 202).Streams($"data: {Broke}").Answers(Broke);
        using var shell = new Shell(api);
        var ended = await shell.Run("jobs", "trigger", "j", "--follow");
        Assert.EndsWith("failed in 10ms\nno stock\n  in step charge\n", ended.Out, StringComparison.Ordinal);
        Assert.Equal(1, ended.Exit);
    }

    [Fact]
    public async Task Who_stops_following_is_told_that_the_run_goes_on()
    {
        using var interrupted = new CancellationTokenSource();
        api.Answers(Samples.Pending, 202).Does(async http =>
        {
            await interrupted.CancelAsync();
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync($"data: {Running}\n\n");
        });
        using var shell = new Shell(api);
        var ended = await shell.Run(interrupted.Token, "jobs", "trigger", "j", "--follow");
        Assert.Equal(130, ended.Exit);
        Assert.Equal("run_1 goes on; look again with reactor jobs runs get run_1\n", ended.Error);
    }

    [Fact]
    public async Task Wait_asks_until_the_end_and_shows_the_run()
    {
        using var shell = new Shell(api);
        api.Answers(Samples.Pending, 202)
            .Does(async http =>
            {
                shell.Clock.Advance(TimeSpan.FromSeconds(30));
                await http.Response.WriteAsync(Running);
            })
            .Answers(Samples.Completed);

        var ended = await shell.Run("jobs", "trigger", "j", "--wait", "40s");

        Assert.Equal(0, ended.Exit);
        Assert.StartsWith("run_1  process-order  completed\n", ended.Out, StringComparison.Ordinal);
        Assert.Equal(["/jobs/v1/runs/run_1?wait=30000ms", "/jobs/v1/runs/run_1?wait=10000ms"], api.Requests.Skip(1).Select(r => r.Target));
        Assert.Equal(0, shell.Clock.Pauses);
    }

    [Fact]
    public async Task A_run_that_has_not_ended_in_time_is_exit_code_1()
    {
        using var shell = new Shell(api);
        api.Answers(Samples.Pending, 202).Answers(Running).Answers(Running).Answers(Running);
        var ended = await shell.Run("jobs", "trigger", "j", "--wait", "2s");
        Assert.Equal(1, ended.Exit);
        Assert.Equal("error: run_1 is still running after 2s\nhint: it goes on; look again with reactor jobs runs get run_1\n", ended.Error);
        Assert.Equal(2, shell.Clock.Pauses);
    }
}
