using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Jobs;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Runs;

/// <summary><c>reactor jobs trigger</c>: starts a run, and looks after it to its end where asked.</summary>
static class StartCommand
{
    public static Command Build(Commands commands)
    {
        var name = JobCommands.Name();
        var payload = new Option<string>("--payload") { Description = "What the handler gets: JSON, @file, - for stdin.", HelpName = "JSON" };
        var key = new Option<string>("--idempotency-key") { Description = "The same key again gives the same run.", HelpName = "KEY" };
        var delay = new Option<string>("--delay") { Description = "Start later by 30s, 5m, 24h.", HelpName = "DURATION" };
        var runAt = new Option<string>("--run-at") { Description = "Start at a time; UTC unless it has an offset.", HelpName = "TIME" };
        var priority = new Option<string>("--priority") { Description = "low, normal, medium, high, critical, or a number.", HelpName = "PRIORITY" };
        var follow = new Option<bool>("--follow") { Description = "Print the steps as they happen; exit code 1 when the run fails." };
        var wait = new Option<string>("--wait") { Description = "Wait so long for the end, then show the run.", HelpName = "DURATION" };
        var command = commands.Leaf("trigger", "Start a run.", async (given, session, ct) =>
        {
            var body = new JsonObject();
            if (await session.Json("--payload", given.GetValue(payload), ct) is { } json) body["payload"] = JsonNode.Parse(json.GetRawText());
            if (given.GetValue(delay) is { } later) body["delay"] = Delay(later);
            if (given.GetValue(runAt) is { } at) body["run_at"] = Times.Instant("--run-at", at);
            if (given.GetValue(priority) is { } word) body["priority"] = Priority(word);
            var limit = given.GetValue(wait) is { } text ? Durations.Option("--wait", text) : default(TimeSpan?);

            var answer = await session.Api.Post(ApiPath.Start(given.GetRequiredValue(name)), body, ct, given.GetValue(key));
            if (given.GetValue(follow)) return await RunWatch.Follow(session, answer, ct);
            if (limit is { } most) return await RunWatch.Wait(session, answer, most, ct);
            session.Printer.Show(answer, RunView.Line);
            return ExitCode.Ok;
        }, name, payload, key, delay, runAt, priority, follow, wait);
        command.Validators.Add(given =>
        {
            if (given.GetResult(delay) is not null && given.GetResult(runAt) is not null) given.AddError("--delay and --run-at exclude each other");
            if (given.GetValue(follow) && given.GetResult(wait) is not null) given.AddError("--follow and --wait exclude each other");
        });
        return command;
    }

    /// <summary>Sent as it was written, after a look that it is one: the server reads the same forms.</summary>
    static JsonNode Delay(string text)
    {
        var span = Durations.Option("--delay", text);
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            ? JsonValue.Create((long)span.TotalMilliseconds)
            : JsonValue.Create(text.Trim());
    }

    static JsonNode Priority(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text);
}
