using System.Text.Json;
using ReactorJobs.Contracts;

namespace ReactorJobs.Events.Changes;

/// <summary>
/// The <c>when</c> of a trigger: values that columns of the old and the new row have to have. Objects match in part, by the fields that are named, as
/// deep as they go; everything else has to be equal. A row without the column does not match.
/// </summary>
public sealed class ChangeCondition
{
    readonly IReadOnlyList<(string Column, JsonElement Value)> old;
    readonly IReadOnlyList<(string Column, JsonElement Value)> @new;

    ChangeCondition(JsonElement condition) => (old, @new) = (Columns(condition, "old"), Columns(condition, "new"));

    /// <summary>Null is no condition.</summary>
    public static ChangeCondition? Of(RawJson? condition)
    {
        if (condition is not { IsNull: false } given)
            return null;
        using var document = JsonDocument.Parse(given.Utf8);
        return new(document.RootElement.Clone());
    }

    /// <summary>The columns that it looks at.</summary>
    public IEnumerable<(string Row, string Column)> Names => old.Select(x => ("old", x.Column)).Concat(@new.Select(x => ("new", x.Column)));

    public bool Matches(RowChange change) => Matches(old, change.Old) && Matches(@new, change.New);

    static IReadOnlyList<(string, JsonElement)> Columns(JsonElement condition, string row) =>
        condition.TryGetProperty(row, out var columns) && columns.ValueKind == JsonValueKind.Object ? [.. columns.EnumerateObject().Select(x => (x.Name, x.Value))] : [];

    static bool Matches(IReadOnlyList<(string Column, JsonElement Value)> wanted, IReadOnlyList<ColumnValue>? row)
    {
        foreach (var (column, value) in wanted)
        {
            if (row?.FirstOrDefault(x => x.Name == column) is not { Name: not null } found)
                return false;
            using var given = JsonDocument.Parse(found.Value.Utf8);
            if (!Contains(given.RootElement, value))
                return false;
        }

        return true;
    }

    static bool Contains(JsonElement given, JsonElement wanted) => wanted.ValueKind == JsonValueKind.Object && given.ValueKind == JsonValueKind.Object
        ? wanted.EnumerateObject().All(x => given.TryGetProperty(x.Name, out var inner) && Contains(inner, x.Value))
        : JsonElement.DeepEquals(given, wanted);
}
