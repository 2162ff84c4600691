using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Schemas;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>Starts the job for each committed change of a table's rows.</summary>
/// <param name="Database">As the settings name it; null is the one called default.</param>
/// <param name="Operations">Of <see cref="All"/>, in their order.</param>
/// <param name="When">What columns of the old and the new row have to be; null is no condition.</param>
public sealed record DataTrigger(TableName Table, IReadOnlyList<string> Operations, RawJson? When, string? Database) : TriggerRequest(TriggerKinds.Data)
{
    public static readonly string[] All = ["insert", "update", "delete"];
    public const int LongestWhen = 16 << 10;

    static readonly string[] Rows = ["old", "new"];
    const string DatabasePattern = "^[a-z][a-z0-9_-]{0,62}$";

    public override JsonObject Settings
    {
        get
        {
            var settings = new JsonObject { ["table"] = Table.ToString(), ["events"] = new JsonArray([.. Operations.Select(x => (JsonNode)x)]) };
            if (When is { } when)
                settings["when"] = JsonNode.Parse(when.Utf8.Span);
            if (Database is not null)
                settings["database"] = Database;
            return settings;
        }
    }

    /// <summary>The trigger as the API shows it, from what is kept of it.</summary>
    public static TriggerView Show(TriggerView view, TriggerRow row)
    {
        using var document = JsonDocument.Parse(row.Settings);
        var settings = document.RootElement;
        return view with
        {
            Table = settings.GetProperty("table").GetString(),
            Events = [.. settings.GetProperty("events").EnumerateArray().Select(x => x.GetString()!)],
            When = settings.TryGetProperty("when", out var when) ? when.Clone() : null,
            Database = settings.TryGetProperty("database", out var database) ? database.GetString() : null,
        };
    }

    public static new DataTrigger Read(Fields fields)
    {
        var text = fields.String("table", required: true);
        if (!TableName.TryParse(text, out var table) && text is not null)
            fields.Wrong("table", TableName.Rule);
        var database = fields.String("database");
        if (database is not null && !System.Text.RegularExpressions.Regex.IsMatch(database, DatabasePattern[..^1] + "\\z"))
            fields.Wrong("database", "must be a name of the settings, such as default: a-z 0-9 _ - beginning with a letter");
        return new(table, ReadOperations(fields), ReadWhen(fields), database);
    }

    static IReadOnlyList<string> ReadOperations(Fields fields)
    {
        var named = fields.Array("events", All.Length, (item, at, _) =>
        {
            if (item.ValueKind == JsonValueKind.String && All.Contains(item.GetString()))
                return item.GetString()!;
            fields.Wrong("events" + at[at.LastIndexOf('/')..], $"must be one of {string.Join(", ", All)}");
            return "";
        });
        if (named is { Count: 0 })
            fields.Wrong("events", "must name at least one");
        else if (named is not null && named.Distinct().Count() < named.Count)
            fields.Wrong("events", "must not name one twice");
        return named is null ? All : [.. All.Where(named.Contains)];
    }

    static RawJson? ReadWhen(Fields fields)
    {
        if (fields.Object("when") is not { } when)
            return null;
        var (condition, isEmpty) = (new JsonObject(), true);
        foreach (var row in Rows)
            if (when.Element(row) is { } columns)
            {
                isEmpty = false;
                if (columns.ValueKind != JsonValueKind.Object || !columns.EnumerateObject().Any())
                    when.Wrong(row, "must be an object of columns and the values that they have to have");
                else if (Unreadable(columns) is { } name)
                    when.Wrong(row, name);
                else
                    condition[row] = JsonNode.Parse(RequestBody.Raw(columns).Utf8.Span);
            }

        when.NoOthers();
        if (isEmpty)
            fields.Wrong("when", "must have old or new");
        if (condition.Count == 0)
            return null;

        var given = RawJson.Trusted(condition.ToJsonString());
        if (given.Length > LongestWhen)
            fields.Wrong("when", $"has {given.Length} bytes; at most {LongestWhen} are allowed");
        return given;
    }

    /// <summary>What makes the condition one that no text can hold, or that says one thing twice.</summary>
    static string? Unreadable(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return RequestBody.IsText(element) ? null : "holds half of a surrogate pair, which is no text";
            case JsonValueKind.Array:
                return element.EnumerateArray().Select(Unreadable).FirstOrDefault(x => x is not null);
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (var property in element.EnumerateObject())
                {
                    var name = RequestBody.NameOf(property);
                    if (name == "\uFFFD")
                        return "has a name that is no text";
                    if (!names.Add(name))
                        return $"has {name} twice";
                    if (Unreadable(property.Value) is { } flaw)
                        return flaw;
                }

                return null;
            default:
                return null;
        }
    }

    /// <summary>What <see cref="Read"/> reads, as a JSON Schema.</summary>
    public static JsonObject Schema()
    {
        var table = JsonSchema.Text(TableName.Pattern);
        var events = JsonSchema.Array(JsonSchema.OneOf(All, nullable: false), All.Length);
        (events["minItems"], events["uniqueItems"]) = (1, true);
        var columns = new JsonObject { ["type"] = "object", ["minProperties"] = 1 };
        var when = JsonSchema.Object([.. Rows.Select(x => new SchemaField(x, columns, $"Columns of the {x} row, and the values that they have to have."))]);
        when["minProperties"] = 1;
        var database = JsonSchema.Text(DatabasePattern);
        database["type"] = new JsonArray("string", "null");
        var schema = TriggerSchema.OfKind(TriggerKinds.Data,
        [
            new("table", table, "Whose rows are watched, with its schema or of public."),
            new("events", events, "What has to happen to a row; all three by default."),
            new("when", when, "Only changes whose rows have these values."),
            new("database", database, "As the settings name it; default by default."),
        ]);
        schema["required"] = new JsonArray("table");
        return schema;
    }
}
