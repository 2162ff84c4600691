using ReactorJobs.Embedded;
using ReactorJobs.Embedded.PostgreSql;

namespace ReactorJobs.Cli.Dev;

/// <summary>The suite in this process, from its first line of progress to its clean end.</summary>
static class DevHost
{
    public static async Task<int> Run(DevOptions options, CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        var screen = new DevScreen(Console.Error);
        if (options.Found.File is { } file)
            screen.Report($"settings from {file}");
        EmbeddedHost host;
        try
        {
            host = await EmbeddedHost.Start(new EmbeddedOptions(options.Data, options.Port, Settings: options.Found.Settings), TimeProvider.System, screen, ct);
        }
        catch (Exception exception) when (exception is CannotStart or PostgresUnavailable)
        {
            Console.Error.WriteLine($"error: {exception.Message}");
            return ExitCode.Failed;
        }

        await using (host)
        {
            screen.Report($"ready after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s at {host.Url}");
            await using var example = options.Example ? await WelcomeExample.Start(host, screen, ct) : null;
            if (example is not null)
                await example.RunOnce(ct);
            screen.Next(host.Url, options.Data, example is not null);
            await Ended(ct);
            screen.Report("stopping");
        }

        return ExitCode.Ok;
    }

    static Task Ended(CancellationToken ct)
    {
        var ended = new TaskCompletionSource();
        ct.Register(() => ended.TrySetResult());
        return ended.Task;
    }
}

/// <summary>What a person sees of the start: a line for each thing that takes time, then where to look next.</summary>
sealed class DevScreen(TextWriter output) : IProgress<string>
{
    public void Report(string value) => output.WriteLine($"  {value}");

    public void Text(string text) => output.WriteLine(text);

    public void Next(string url, string data, bool example)
    {
        output.WriteLine(
            $"""

            Reactor Jobs serves {url} (org acme). The token is in {Path.Combine(data, "dev-token")}.

              ./reactor jobs list                        the jobs
            {(example ? """  ./reactor jobs trigger welcome --payload '{"name": "Grace"}' --follow""" + "\n" : "")}  ./reactor jobs runs list                   the runs, newest first
              ./reactor events list                      the events
              {url}/openapi/v1.json      the API
              docs/                                      how it works, and how to write a job

            Ctrl-C ends it; the next start goes on where it was.
            """);
        output.Flush();
    }
}
