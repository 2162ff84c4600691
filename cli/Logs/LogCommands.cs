using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Text.Json;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Logs;

/// <summary><c>reactor logs</c>: what the handlers wrote, and with <c>--follow</c> what they write.</summary>
static class LogCommands
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    const int MostBreaks = 5;

    public static Command Build(Commands commands)
    {
        var name = new Argument<string?>("NAME") { Description = "Only of this job.", Arity = ArgumentArity.ZeroOrOne };
        var job = new Option<string>("--job") { Description = "The same as NAME.", HelpName = "NAME" };
        var run = new Option<string>("--run") { Description = "Only of this run.", HelpName = "RUN_ID" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay, and print what comes." };
        var capability = new Option<string>("--capability") { Description = "Whose logs; jobs is what there is.", HelpName = "jobs" };
        capability.AcceptOnlyFromAmong("jobs");
        var command = commands.Leaf("logs", "Print the logs of runs.", async (given, session, ct) =>
        {
            if (session.Printer.Format == OutputFormat.Ids) throw Failure.Usage("logs have no ids", "use -o table or -o json");
            var stays = given.GetValue(follow);
            var path = ((given.GetValue(name) ?? given.GetValue(job)) is { } one ? ApiPath.Logs(one) : ApiPath.AllLogs)
                .With(("run_id", given.GetValue(run)), ("follow", stays ? "true" : null));
            await Print(session, path, stays, withRun: given.GetValue(run) is null, ct);
            return ExitCode.Ok;
        }, name, job, run, follow, capability);
        command.Validators.Add(given =>
        {
            if (given.GetValue(name) is not null && given.GetResult(job) is not null) given.AddError("NAME and --job exclude each other");
        });
        return command;
    }

    static async Task Print(Session session, string path, bool stays, bool withRun, CancellationToken ct)
    {
        string? last = null;
        for (var breaks = 0; ;)
        {
            try
            {
                await foreach (var line in session.Api.Events(path, last, ct))
                {
                    breaks = 0;
                    if (line.EventId is { Length: > 0 } id) last = id;
                    Print(session, line, withRun);
                }
                if (!stays) return;
            }
            catch (ConnectionLost) when (stays && ++breaks < MostBreaks)
            {
            }
            // Taken up where it broke off: the server is told the last line that came.
            await Task.Delay(Pause, session.Clock, ct);
        }
    }

    static void Print(Session session, SseItem<string> line, bool withRun)
    {
        if (session.Printer.Format == OutputFormat.Json) session.Terminal.Out.WriteLine(line.Data);
        else if (Read(line.Data) is { } json) session.Terminal.Out.Write(LogView.Line(json, withRun, session.Printer.View));
    }

    /// <summary>Signs of life are no lines.</summary>
    static JsonElement? Read(string data)
    {
        try
        {
            var json = ApiAnswer.Read(data);
            return json.Field("message") is null ? null : json;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
