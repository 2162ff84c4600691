using System.CommandLine;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Jobs;

/// <summary>Those of <c>reactor jobs triggers</c> that only webhooks have.</summary>
static class WebhookCommands
{
    public static IEnumerable<Command> All(Commands commands) => [Rotate(commands), Deliveries(commands), Redeliver(commands)];

    static Command Rotate(Commands commands)
    {
        var (name, id, force) = (JobCommands.Name(), Id(), JobCommands.Force());
        return commands.Leaf("rotate", "Give a webhook another address; the one before it ends.", async (given, session, ct) =>
        {
            var (job, trigger) = (given.GetRequiredValue(name), given.GetRequiredValue(id));
            await session.Confirm($"ending the address of {trigger}", given.GetValue(force), ct);
            session.Printer.Show(await session.Api.Post(ApiPath.Rotate(job, trigger), null, ct), TriggerView.Detail);
            return ExitCode.Ok;
        }, name, id, force);
    }

    static Command Deliveries(Commands commands)
    {
        var (name, id, paging) = (JobCommands.Name(), Id(), new Paging());
        return commands.Leaf("deliveries", "List what came to a webhook, and what became of it.", async (given, session, ct) =>
        {
            var path = ApiPath.Deliveries(given.GetRequiredValue(name), given.GetRequiredValue(id)).With(paging.Limit(given), paging.Cursor(given));
            session.Printer.Page(await session.Api.Get(path, ct), "no deliveries", DeliveryView.List);
            return ExitCode.Ok;
        }, [name, id, .. paging.Options]);
    }

    static Command Redeliver(Commands commands)
    {
        var (name, id) = (JobCommands.Name(), Id());
        var delivery = new Argument<string>("DELIVERY") { Description = "The delivery's id." };
        return commands.Leaf("redeliver", "Deliver once more, as a new run.", async (given, session, ct) =>
        {
            var path = ApiPath.Redeliver(given.GetRequiredValue(name), given.GetRequiredValue(id), given.GetRequiredValue(delivery));
            session.Printer.Show(await session.Api.Post(path, null, ct), DeliveryView.Started);
            return ExitCode.Ok;
        }, name, id, delivery);
    }

    static Argument<string> Id() => new("ID") { Description = "The trigger's id." };
}
