namespace ReactorJobs.Tests.Cli;

public sealed class Logs_are_printed_as_they_come : IAsyncLifetime
{
    const string First = """{"ts":"2026-03-01T11:59:00.123Z","level":"info","run_id":"run_1","attempt":1,"step":"charge","message":"charging\nord_1\u001b[2J"}""";
    const string Second = """{"ts":"2026-03-01T11:59:01.000Z","level":"error","run_id":"run_1","attempt":1,"step":null,"message":"declined"}""";

    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task As_lines_for_people()
    {
        api.Streams($"id: 1\ndata: {First}", "event: ping\ndata: {}", $"id: 2\ndata: {Second}");
        using var shell = new Shell(api);
        var ended = await shell.Run("logs", "process-order");
        Assert.Equal("""
            2026-03-01T11:59:00.123Z  info   run_1  #1  [charge]  charging
                ord_1�[2J
            2026-03-01T11:59:01.000Z  error  run_1  #1  declined

            """, ended.Out);
        Assert.Equal("text/event-stream", api.Request.Headers.Accept.ToString());
    }

    [Fact]
    public async Task As_json_lines()
    {
        api.Streams($"data: {First}", $"data: {Second}");
        using var shell = new Shell(api);
        Assert.Equal($"{First}\n{Second}\n", (await shell.Run("logs", "-o", "json")).Out);
    }

    [Fact]
    public async Task Follow_goes_on_after_the_last_line_that_came()
    {
        using var interrupted = new CancellationTokenSource();
        api.Streams($"id: 7\ndata: {First}").Does(_ => interrupted.CancelAsync());
        using var shell = new Shell(api);

        var ended = await shell.Run(interrupted.Token, "logs", "--follow");

        Assert.Equal(130, ended.Exit);
        Assert.Equal("GET /jobs/v1/_admin/logs?follow=true", api.Requests[1].ToString());
        Assert.Equal("7", api.Requests[1].Headers["Last-Event-ID"].ToString());
    }
}
