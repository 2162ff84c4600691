using System.CommandLine;
using System.Text.Json.Nodes;

namespace ReactorJobs.Cli.Jobs;

/// <summary>The options of <c>triggers create</c> that are a data trigger's.</summary>
sealed class DataOptions
{
    readonly Option<string> table = new("--table") { Description = "Of a data trigger: whose rows are watched, such as public.orders.", HelpName = "TABLE" };
    readonly Option<string[]> on = new("--on") { Description = "Of a data trigger: insert, update or delete; may be repeated, all three when not given.", HelpName = "EVENT" };
    readonly Option<string> database = new("--database") { Description = "Of a data trigger: as the settings name it; default when not given.", HelpName = "NAME" };

    public Option<string> When { get; } = new("--when") { Description = """Of a data trigger: what the rows have to be, such as {"new": {"status": "paid"}}; JSON, @file, - for stdin.""", HelpName = "JSON" };

    public IEnumerable<Option> All => [table, on, When, database];

    public void Add(ParseResult given, JsonObject body)
    {
        if (given.GetValue(table) is { } name) body["table"] = name;
        if (given.GetValue(on) is { Length: > 0 } events) body["events"] = new JsonArray([.. events.Select(x => (JsonNode)x)]);
        if (given.GetValue(database) is { } where) body["database"] = where;
    }
}
