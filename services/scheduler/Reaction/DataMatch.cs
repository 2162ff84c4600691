using System.Text.Json;

namespace ReactorJobs.Scheduler.Reaction;

/// <summary>Whether data holds other data, as PostgreSQL's <c>@&gt;</c> has it for <c>jsonb</c>.</summary>
public static class DataMatch
{
    /// <summary>An object holds one with some of its fields, a list one of some of its items, at any depth; else they are equal. Of fields of one name the last counts.</summary>
    public static bool Holds(JsonElement whole, JsonElement part)
    {
        try
        {
            return (whole.ValueKind, part.ValueKind) switch
            {
                (JsonValueKind.Object, JsonValueKind.Object) => part.EnumerateObject().All(x => whole.TryGetProperty(x.Name, out var value) && Holds(value, part.GetProperty(x.Name))),
                (JsonValueKind.Array, JsonValueKind.Array) => part.EnumerateArray().All(x => whole.EnumerateArray().Any(y => Holds(y, x))),
                _ => JsonElement.DeepEquals(whole, part),
            };
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped, is no text, and equals none.
            return false;
        }
    }
}
