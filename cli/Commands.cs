using System.CommandLine;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli;

/// <summary>Options that every command takes, before or after its name.</summary>
sealed class GlobalOptions
{
    public Option<string> Url { get; } =
        Everywhere("--url", "URL", "The suite's address; else REACTOR_URL, else the context in use, else http://localhost:8000.");

    public Option<string> Token { get; } =
        Everywhere("--token", "TOKEN", "An API token; else REACTOR_TOKEN, else that of the context in use, else .reactor/dev-token.");

    public Option<string> Org { get; } = Everywhere("--org", "SLUG", "The organisation; else REACTOR_ORG, else that of the context in use.");

    public Option<string> Output { get; } = new("--output", "-o")
    {
        Description = "table for people, json as the API answers, ids one per line.",
        HelpName = "table|json|ids",
        Recursive = true,
        DefaultValueFactory = _ => "table",
    };

    public GlobalOptions() => Output.AcceptOnlyFromAmong("table", "json", "ids");

    public IEnumerable<Option> All => [Url, Token, Org, Output];

    static Option<string> Everywhere(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value, Recursive = true };
}

/// <summary>Makes the commands: each is a name, a sentence, its arguments and options, and what it does with a session.</summary>
sealed class Commands(Surroundings here, GlobalOptions options)
{
    public Surroundings Here { get; } = here;

    public delegate Task<int> Act(ParseResult given, Session session, CancellationToken ct);

    public Command Leaf(string name, string description, Act act, params Symbol[] takes)
    {
        var command = new Command(name, description);
        foreach (var symbol in takes)
        {
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        }
        command.SetAction(async (given, ct) =>
        {
            using var session = Open(given);
            return await act(given, session, ct);
        });
        return command;
    }

    public static Command Group(string name, string description, params Command[] commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands) group.Add(command);
        return group;
    }

    Session Open(ParseResult given)
    {
        var format = given.GetValue(options.Output) switch
        {
            "json" => OutputFormat.Json,
            "ids" => OutputFormat.Ids,
            _ => OutputFormat.Table,
        };
        var flags = new ConnectionFlags(given.GetValue(options.Url), given.GetValue(options.Token), given.GetValue(options.Org));
        return new Session(Here, flags, format);
    }
}
