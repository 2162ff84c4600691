using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Jobs;
using ReactorJobs.Cli.Output;
using ReactorJobs.Hosting;

namespace ReactorJobs.Cli.Connection;

/// <summary><c>reactor context</c>: suites under names. Options and the environment win over the one in use.</summary>
static class ContextCommands
{
    static readonly Column[] Columns = ["NAME", "IN USE", "URL", "ORG", "TOKEN"];

    public static Command Build(Commands commands) =>
        Commands.Group("context", "Suites under names, and which of them commands go to.", List(commands), Use(commands), Set(commands), Delete(commands));

    static Contexts Read(Commands commands) => Contexts.Read(commands.Here.Environment.GetValueOrDefault);

    static Command List(Commands commands) => commands.Leaf("list", "List the contexts; tokens are not shown.", (_, session, _) =>
    {
        var contexts = Read(commands);
        var rows = contexts.All.Select(x => new JsonObject
        {
            ["id"] = x.Name,
            ["in_use"] = x == contexts.InUse,
            ["url"] = x.Url,
            ["org"] = x.Org,
            ["has_token"] = x.Token is not null,
        });
        session.Printer.Page(ApiAnswer.Of(new JsonArray([.. rows])), "no contexts yet; make one: reactor context set NAME --url URL --token -", Table);
        return Task.FromResult(ExitCode.Ok);
    });

    static string Table(JsonElement contexts, View view) => TextTable.Render(Columns, [.. contexts.Items().Select(context => new Cell[]
    {
        context.Text("id"),
        context.Text("in_use") is "true" ? new Cell("in use", Tone.Good) : "",
        context.Text("url"),
        context.Text("org"),
        context.Text("has_token") is "true" ? "kept" : null,
    })], view);

    static Command Use(Commands commands)
    {
        var name = new Argument<string?>("NAME") { Description = "Which; none when not given.", Arity = ArgumentArity.ZeroOrOne };
        return commands.Leaf("use", "Send commands to a context from now on.", (given, session, _) =>
        {
            var contexts = Read(commands);
            var chosen = given.GetValue(name);
            if (chosen is not null) Known(contexts, chosen);
            contexts.Use(chosen);
            contexts.Save();
            session.Printer.Say(chosen is null ? "no context is in use" : $"commands go to {chosen}{(contexts.InUse?.Url is { } url ? $", {url}" : "")}");
            return Task.FromResult(ExitCode.Ok);
        }, name);
    }

    static Command Set(Commands commands)
    {
        var name = new Argument<string>("NAME") { Description = "The context; made when it is not there." };
        return commands.Leaf("set", "Keep --url, --token and --org under a name; --token - reads standard input.", async (given, session, ct) =>
        {
            var (chosen, (url, token, org)) = (given.GetRequiredValue(name), session.Flags);
            if (string.IsNullOrWhiteSpace(chosen)) throw Failure.Usage("a context needs a name");
            if (url is null && token is null && org is null) throw Failure.Usage("say what to keep: --url, --token or --org");
            if (url is not null) ConnectionSettings.Absolute(url);
            if (token == "-") token = (await session.Terminal.ReadToEnd(ct)).Trim();
            if (token is { Length: 0 }) throw Failure.Usage("--token is empty");
            var contexts = Read(commands);
            var before = contexts.Find(chosen) ?? new Context(chosen, null, null, null);
            // A token is for the suite that gave it out.
            var kept = url is not null && url != before.Url ? null : before.Token;
            contexts.Keep(before with { Url = url ?? before.Url, Token = token ?? kept, Org = org ?? before.Org });
            contexts.Save();
            session.Printer.Say(contexts.InUse?.Name == chosen ? $"kept {chosen}" : $"kept {chosen}; commands go there after: reactor context use {chosen}");
            return ExitCode.Ok;
        }, name);
    }

    static Command Delete(Commands commands)
    {
        var name = new Argument<string>("NAME") { Description = "Which." };
        var force = JobCommands.Force();
        return commands.Leaf("delete", "Forget a context with its token.", async (given, session, ct) =>
        {
            var (contexts, chosen) = (Read(commands), given.GetRequiredValue(name));
            Known(contexts, chosen);
            await session.Confirm($"deleting the context {chosen} with its token", given.GetValue(force), ct);
            contexts.Delete(chosen);
            contexts.Save();
            session.Printer.Say($"deleted {chosen}");
            return ExitCode.Ok;
        }, name, force);
    }

    static void Known(Contexts contexts, string name)
    {
        if (contexts.Find(name) is not null) return;
        var near = contexts.All.Select(x => x.Name).Where(x => Spelling.Near(name, x)).ToList();
        var meant = near.Count > 0 ? $"; did you mean {string.Join(" or ", near)}?" : "";
        throw new Failure(ExitCode.NotFound, $"there is no context {name}{meant}", "reactor context list shows them");
    }
}
