using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;
using ReactorJobs.Cli.Watching;
using ReactorJobs.Embedded;
using ReactorJobs.Embedded.PostgreSql;
using ReactorJobs.Embedded.RabbitMq;
using ReactorJobs.Embedded.Suite;

namespace ReactorJobs.Cli.Dev;

/// <summary>The suite in this process, from its first line of progress to its clean end.</summary>
static class DevHost
{
    public static async Task<int> Run(DevOptions options, Surroundings here, CancellationToken ct)
    {
        var started = here.Clock.GetTimestamp();
        var screen = new DevScreen(here.Terminal);
        if (options.Found.File is { } file)
            screen.Report($"settings from {file}");
        DevSuite host;
        try
        {
            host = options.Scale is { } scale
                ? await SuiteHost.Start(new(options.Data, options.Port, scale, options.Found.Settings), here.Clock, screen, ct)
                : await EmbeddedHost.Start(new EmbeddedOptions(options.Data, options.Port, Settings: options.Found.Settings), here.Clock, screen, ct);
        }
        catch (Exception exception) when (exception is CannotStart or PostgresUnavailable or BrokerUnavailable)
        {
            screen.Error(new Failure(ExitCode.Failed, exception.Message));
            return ExitCode.Failed;
        }

        await using (host)
        {
            screen.Report($"ready after {here.Clock.GetElapsedTime(started).TotalSeconds:0.0} s at {host.Url}");
            // What a deployment tells step by step is one line here.
            using var session = Session.With(
                new ConnectionSettings(new Uri(host.Url), host.Token, host.Org, "dev-token"), here with { Terminal = here.Terminal with { Out = TextWriter.Null } });
            var hasProject = !ProjectListing.Of(options.Project).IsEmpty;
            var wantsExample = options.Example && (!hasProject || await WelcomeExample.IsIn(session, ct));
            await using var example = wantsExample ? await WelcomeExample.Start(host, screen, ct) : null;
            if (example is not null)
                await example.RunOnce(ct);
            try
            {
                var project = new DevProject(options.Project, session, screen, host.Served);
                await project.Deploy(ct);
                screen.Next(host.Url, options, here.Environment.GetValueOrDefault("REACTOR_COMMAND", "reactor"), example is not null, hasProject);
                await project.Follow(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                screen.Report("stopping");
            }
        }

        return ExitCode.Ok;
    }
}

/// <summary>What a person sees of the start: a line for each thing that takes time, then where to look next; later, what comes of each save.</summary>
sealed class DevScreen(Terminal terminal) : IProgress<string>
{
    readonly TextWriter output = terminal.Error;

    public void Report(string value) => output.WriteLine($"  {Printable.Line(value)}");

    public void Text(string text) => output.WriteLine(text);

    public void Error(Failure failure) => output.Write(FailureText.Render(failure, terminal.ErrorPaint));

    /// <param name="command">How the person called this program: what is said is to be typed.</param>
    /// <param name="project">Whether there is anything to deploy.</param>
    public void Next(string url, DevOptions options, string command, bool example, bool project)
    {
        output.WriteLine($"\nReactor Jobs serves {url} (org acme). The token is in {Path.Combine(options.Data, "dev-token")}.");
        if (project)
            output.WriteLine($"What is saved in {options.Project} below functions/ and in jobs/manifest.json is deployed.");
        output.WriteLine();
        Line($"{command} jobs list", "the jobs");
        if (example)
            Line($$"""{{command}} jobs trigger welcome --payload '{"name": "Grace"}' --follow""", "");
        Line($"{command} jobs runs list", "the runs, newest first");
        Line($"{command} events list", "the events");
        Line($"{url}/openapi/v1.json", "the API");
        if (Path.GetDirectoryName(command) is { Length: > 0 } home)
            Line(home == "." ? "docs/" : $"{home}/docs/", "how it works, and how to write a job");
        output.WriteLine("\nCtrl-C ends it; the next start goes on where it was.");
        output.Flush();

        void Line(string what, string why) => output.WriteLine($"  {what,-42} {why}".TrimEnd());
    }
}
