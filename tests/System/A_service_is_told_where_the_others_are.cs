using System.Diagnostics;

namespace ReactorJobs.Tests.System;

/// <summary>The programs of the suite refuse to start without what they need: one line that names the setting, and exit code 1.</summary>
public sealed class A_service_is_told_where_the_others_are
{
    static readonly string[] Whole =
    [
        "DATABASE=Host=nowhere", "RABBITMQ=amqp://a:b@nowhere/c", "SECRET=s", "INGRESS=http://nowhere:1", "SCHEDULER=http://nowhere:2", "EXECUTOR=http://nowhere:3", "EVENTS=http://nowhere:4",
    ];

    [Theory]
    [InlineData("Scheduler", "DATABASE", null, "error: suite.database is not set: give it in Reactor.toml, or as REACTOR_SUITE__DATABASE")]
    [InlineData("Ingress", "RABBITMQ", null, "error: suite.rabbitmq is not set: give it in Reactor.toml, or as REACTOR_SUITE__RABBITMQ")]
    [InlineData("Executor", "SECRET", null, "error: suite.secret is not set: give it in Reactor.toml, or as REACTOR_SUITE__SECRET")]
    [InlineData("Events", "EVENTS", null, "error: suite.events is not set: give it in Reactor.toml, or as REACTOR_SUITE__EVENTS")]
    [InlineData("Events", "RABBITMQ", "http://nowhere", "error: suite.rabbitmq is not an address such as \"amqp://user:password@host:5672/vhost\"")]
    [InlineData("Scheduler", "DATABASE", "the usual one", "error: suite.database is not a connection string of Npgsql, such as \"Host=db;Username=postgres;Password=…\"")]
    [InlineData("Scheduler", "LISTEN", "nowhere", "error: REACTOR_SUITE__LISTEN: suite.listen is \"nowhere\", but must be an http or https address in quotes")]
    public async Task Without_it_there_is_one_line(string service, string setting, string? value, string line)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"ReactorJobs.{service}.dll")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var given in Whole)
            start.Environment["REACTOR_SUITE__" + given[..given.IndexOf('=')]] = given[(given.IndexOf('=') + 1)..];
        start.Environment.Remove("REACTOR_SUITE__" + setting);
        if (value is not null)
            start.Environment["REACTOR_SUITE__" + setting] = value;
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(line, (await said).Trim());
        Assert.Equal(1, process.ExitCode);
    }
}
