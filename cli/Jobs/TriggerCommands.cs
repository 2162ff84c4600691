using System.CommandLine;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;

namespace ReactorJobs.Cli.Jobs;

/// <summary><c>reactor jobs triggers</c>: what starts a job by itself.</summary>
static class TriggerCommands
{
    public static Command Build(Commands commands) =>
        Commands.Group("triggers", "What starts a job by itself.", [Create(commands), List(commands), Delete(commands), .. FireCommands.Build(commands), .. WebhookCommands.All(commands)]);

    static Command Create(Commands commands)
    {
        var name = JobCommands.Name();
        var kind = new Option<string>("--kind") { Description = "event, cron, webhook or data.", HelpName = "KIND", Required = true };
        var topic = new Option<string>("--topic") { Description = "Of an event trigger; matched exactly, case included.", HelpName = "TOPIC" };
        var since = new Option<string>("--since") { Description = "Of an event trigger: earlier events count too, from a time on or from so long ago (24h).", HelpName = "TIME" };
        var (schedule, cron) = (new ScheduleOptions(), new CronOptions());
        var payload = new Option<string>("--payload") { Description = "What its runs get: JSON, @file, - for stdin.", HelpName = "JSON" };
        var (webhook, data) = (new WebhookOptions(), new DataOptions());
        return commands.Leaf("create", "Add a trigger to a job.", async (given, session, ct) =>
        {
            var body = new JsonObject { ["kind"] = given.GetValue(kind) };
            if (given.GetValue(topic) is { } named) body["topic"] = named;
            if (given.GetValue(since) is { } from) body["since"] = from;
            schedule.AddTo(body, given);
            if (await session.Json("--payload", given.GetValue(payload), ct) is { } json) body["payload"] = JsonNode.Parse(json.GetRawText());
            cron.AddTo(body, given);
            webhook.Add(given, body);
            data.Add(given, body);
            if (await session.Json("--when", given.GetValue(data.When), ct) is { } condition) body["when"] = JsonNode.Parse(condition.GetRawText());
            Complete(body);
            session.Printer.Show(await session.Api.Post(ApiPath.Triggers(given.GetRequiredValue(name)), body, ct), TriggerView.Detail);
            return ExitCode.Ok;
        }, [name, kind, topic, since, .. schedule.All, payload, .. cron.All, .. webhook.All, .. data.All]);
    }

    static void Complete(JsonObject body)
    {
        var needed = (string?)body["kind"] switch { "event" => "topic", "cron" => "schedule", "data" => "table", _ => null };
        if (needed is not null && !body.ContainsKey(needed) && !(needed == "schedule" && body.ContainsKey("text"))) throw Failure.Usage($"--kind {body["kind"]} needs --{needed}");
    }

    static Command List(Commands commands)
    {
        var (name, paging) = (JobCommands.Name(), new Paging());
        return commands.Leaf("list", "List a job's triggers.", async (given, session, ct) =>
        {
            var path = ApiPath.Triggers(given.GetRequiredValue(name)).With(paging.Limit(given), paging.Cursor(given));
            session.Printer.Page(await session.Api.Get(path, ct), "no triggers: it starts by `reactor jobs trigger` only", TriggerView.List);
            return ExitCode.Ok;
        }, [name, .. paging.Options]);
    }

    static Command Delete(Commands commands)
    {
        var name = JobCommands.Name();
        var ids = new Argument<string[]>("ID") { Description = "Triggers; - reads ids from standard input.", Arity = ArgumentArity.OneOrMore };
        var force = JobCommands.Force();
        return commands.Leaf("delete", "Delete triggers; a webhook's address is gone for good.", async (given, session, ct) =>
        {
            var job = given.GetRequiredValue(name);
            var triggers = await session.Ids(given.GetRequiredValue(ids), ct);
            if (triggers.Count == 0) return ExitCode.Ok;
            await session.Confirm($"deleting {string.Join(", ", triggers)} of {job}", given.GetValue(force), ct);
            return await session.Each(triggers, async id =>
                session.Printer.Done(await session.Api.Delete(ApiPath.Trigger(job, id), ct), $"deleted {id}", id));
        }, name, ids, force);
    }
}
