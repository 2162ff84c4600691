using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Jobs;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Secrets;

/// <summary><c>reactor secrets</c>: values go in, and only their paths come out.</summary>
static class SecretCommands
{
    static readonly Column[] Columns = ["PATH", "CREATED", "UPDATED"];

    public static Command Build(Commands commands) =>
        Commands.Group("secrets", "Secrets, which functions take by their path (vault:PATH).", Set(commands), List(commands), Delete(commands));

    static Command Set(Commands commands)
    {
        var path = new Argument<string>("PATH") { Description = "Such as payments/api_key." };
        var value = new Option<string>("--value")
        {
            Description = "The value; without it, standard input, which keeps it out of the shell's history.",
            HelpName = "VALUE",
        };
        return commands.Leaf("set", "Store a secret, or another value for it.", async (given, session, ct) =>
        {
            var name = Plain(given.GetRequiredValue(path));
            var address = ApiPath.Secret(name);
            var secret = given.GetValue(value) ?? await Read(session, name, ct);
            if (secret.Length == 0) throw Failure.Usage("a secret must not be empty");
            var answer = await session.Api.Put(address, new JsonObject { ["value"] = secret }, ct);
            session.Printer.Done(answer, $"{(answer.Status == 201 ? "stored" : "changed")} {name}", name);
            return ExitCode.Ok;
        }, path, value);
    }

    /// <summary>A pipe's last line end is the shell's and not the secret's.</summary>
    static async Task<string> Read(Session session, string path, CancellationToken ct)
    {
        if (session.Terminal.InIsTerminal) return await session.Terminal.AskHidden($"Value of {path}: ", ct);
        var text = await session.Terminal.ReadToEnd(ct);
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }

    static Command List(Commands commands)
    {
        var paging = new Paging();
        return commands.Leaf("list", "List the secrets' paths.", async (given, session, ct) =>
        {
            var answer = await session.Api.Get(ApiPath.Secrets.With(paging.Limit(given), paging.Cursor(given)), ct);
            session.Printer.Page(answer, "no secrets yet; store one: reactor secrets set PATH", Table);
            return ExitCode.Ok;
        }, paging.Options);
    }

    static string Table(JsonElement secrets, View view) => TextTable.Render(Columns, [.. secrets.Items().Select(secret => new Cell[]
    {
        secret.Text("path"),
        view.Ago(secret.Time("created_at")),
        view.Ago(secret.Time("updated_at")),
    })], view);

    static Command Delete(Commands commands)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Secrets; - reads paths from standard input.", Arity = ArgumentArity.OneOrMore };
        var force = JobCommands.Force();
        return commands.Leaf("delete", "Delete secrets; functions that take them fail from then on.", async (given, session, ct) =>
        {
            var secrets = (await session.Ids(given.GetRequiredValue(paths), ct)).Select(Plain).ToList();
            if (secrets.Count == 0) return ExitCode.Ok;
            await session.Confirm($"deleting {(secrets is [var one] ? $"the secret {one}" : $"{secrets.Count} secrets")}", given.GetValue(force), ct);
            return await session.Each(secrets, async secret =>
                session.Printer.Done(await session.Api.Delete(ApiPath.Secret(secret), ct), $"deleted {secret}", secret));
        }, paths, force);
    }

    /// <summary>A path may be given as functions name it.</summary>
    static string Plain(string path) => path.StartsWith("vault:", StringComparison.Ordinal) ? path["vault:".Length..] : path;
}
