using System.Globalization;
using System.Text;
using System.Text.Json;
using ReactorJobs.Contracts;

namespace ReactorJobs.Hosting.Http;

/// <summary>
/// A JSON object read field by field, in either spelling (<c>max_attempts</c>, <c>maxAttempts</c>). Every mistake is gathered with its
/// pointer, and <see cref="Done"/> refuses them all at once, unknown fields included.
/// </summary>
public sealed class Fields
{
    readonly Dictionary<string, JsonProperty> unread = new(StringComparer.Ordinal);
    readonly HashSet<string> known = new(StringComparer.Ordinal);
    readonly List<InputError> errors;
    readonly string at;
    readonly ReadOnlyMemory<byte> text;

    /// <param name="text">What the element was parsed from: with it, mistakes come with line and column.</param>
    public Fields(JsonElement element, string at, Fields? parent = null, ReadOnlyMemory<byte> text = default)
    {
        (this.at, this.text) = (at, text);
        errors = parent?.errors ?? [];
        foreach (var property in element.EnumerateObject())
            if (RequestBody.NameOf(property) is var name && !unread.TryAdd(Snake(name), property))
                errors.Add(new($"{at}/{name}", "is given twice"));
    }

    /// <summary>The fields that were asked for so far, in <c>snake_case</c>.</summary>
    public IReadOnlyCollection<string> Known => known;

    public bool Has(string name)
    {
        known.Add(name);
        return unread.ContainsKey(name);
    }

    public JsonElement? Element(string name, bool required = false)
    {
        known.Add(name);
        if (unread.Remove(name, out var property))
            return property.Value;
        if (required)
            Wrong(name, "is required");
        return null;
    }

    public string? String(string name, bool required = false)
    {
        if (Element(name, required) is not { } element || (element.ValueKind == JsonValueKind.Null && !required))
            return null;
        if (element.ValueKind != JsonValueKind.String)
        {
            Wrong(name, "must be a string");
            return null;
        }

        if (RequestBody.TextOf(element) is not { } text)
            Wrong(name, "holds half of a surrogate pair, which is no text");
        else if (text.Contains('\0'))
            Wrong(name, "holds U+0000, which no text may");
        else
            return text;
        return null;
    }

    public long? Integer(string name, long least, long most)
    {
        if (Element(name) is not { } element || element.ValueKind == JsonValueKind.Null)
            return null;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var value) && value >= least && value <= most)
            return value;
        Wrong(name, $"must be a whole number from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}");
        return null;
    }

    public double? Number(string name, double least, double most)
    {
        if (Element(name) is not { } element || element.ValueKind == JsonValueKind.Null)
            return null;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && value >= least && value <= most)
            return value;
        Wrong(name, string.Create(CultureInfo.InvariantCulture, $"must be a number from {least} to {most}"));
        return null;
    }

    public bool? Boolean(string name)
    {
        if (Element(name) is not { } element || element.ValueKind == JsonValueKind.Null)
            return null;
        if (element.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return element.GetBoolean();
        Wrong(name, "must be true or false");
        return null;
    }

    public string? OneOf(string name, bool required, params ReadOnlySpan<string> allowed)
    {
        if (String(name, required) is not { } value)
            return null;
        foreach (var one in allowed)
            if (one == value)
                return value;
        Wrong(name, $"must be one of {string.Join(", ", allowed!)}{Suggestion(value, [.. allowed])}");
        return null;
    }

    /// <summary>A duration as jobs spell it: <c>500ms 30s 5m 24h 7d</c>, ISO 8601, or a number of milliseconds.</summary>
    public TimeSpan? Duration(string name)
    {
        if (Element(name) is not { } element || element.ValueKind == JsonValueKind.Null)
            return null;
        var text = RequestBody.Text(element).Trim('"');
        if (Http.Duration.TryParse(text, out var duration))
            return duration;
        Wrong(name, "must be a duration such as 500ms, 30s, 5m, 24h, 7d, PT1H30M or a number of milliseconds");
        return null;
    }

    public DateTimeOffset? Time(string name, bool required = false)
    {
        if (String(name, required) is not { } text)
            return null;
        if (Instant.TryParse(text, out var time))
            return time;
        Wrong(name, Instant.Rule);
        return null;
    }

    public RawJson? Payload(string name, int limit = Limits.PayloadBytes) =>
        Element(name) is { } element ? RequestBody.Payload(element, $"{at}/{name}", limit) : null;

    public Fields? Object(string name, bool required = false)
    {
        if (Element(name) is not { ValueKind: not JsonValueKind.Null } element)
        {
            if (required)
                Wrong(name, "is required");
            return null;
        }

        if (element.ValueKind == JsonValueKind.Object)
            return new Fields(element, $"{at}/{name}", this);
        Wrong(name, "must be an object");
        return null;
    }

    public IReadOnlyList<T>? Array<T>(string name, int most, Func<JsonElement, string, Fields, T> read)
    {
        if (Element(name) is not { } element || element.ValueKind == JsonValueKind.Null)
            return null;
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() > most)
        {
            Wrong(name, $"must be an array of at most {most}");
            return null;
        }

        return element.EnumerateArray().Select((item, i) => read(item, $"{at}/{name}/{i}", this)).ToArray();
    }

    public void Wrong(string name, string detail) => errors.Add(new(name.Length == 0 ? at : $"{at}/{name}", detail));

    /// <summary>Refuses what is left over: a field nobody asked for is a mistake that must not pass in silence.</summary>
    public void NoOthers()
    {
        foreach (var name in unread.Values.Select(RequestBody.NameOf))
            errors.Add(new($"{at}/{name}", $"is not a known field{Suggestion(Snake(name), known)}"));
        unread.Clear();
    }

    /// <summary>Ends the reading: throws one problem that names every mistake.</summary>
    public void Done(string code = "invalid_request")
    {
        NoOthers();
        if (errors.Count == 0)
            return;
        var problem = Problem.Invalid(errors) with { Code = code };
        throw new ProblemException(text.IsEmpty ? problem : problem.Placed(text.Span));
    }

    static string Suggestion(string word, IEnumerable<string> names) =>
        names.Where(x => Spelling.Near(word, x)).MinBy(x => Spelling.Distance(word, x)) is { } near ? $"; did you mean {near}?" : "";

    static string Snake(string name)
    {
        if (!name.Any(char.IsAsciiLetterUpper))
            return name;
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
            if (char.IsAsciiLetterUpper(c))
                text.Append('_').Append(char.ToLowerInvariant(c));
            else
                text.Append(c);
        return text.ToString();
    }
}
