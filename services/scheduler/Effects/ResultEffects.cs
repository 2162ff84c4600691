using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ReactorJobs.Contracts;

namespace ReactorJobs.Scheduler.Effects;

/// <summary>A job that a result asks for: <c>{effect: "scheduleJob", definition, at, parameters}</c>.</summary>
/// <param name="Pointer">Where in the result it stands.</param>
public sealed record ScheduleJob(string Pointer, string Definition, EffectTime At, RawJson Parameters);

/// <summary>
/// What the result of a job definition's run asks for: it is one effect, an array of them, or an object that holds <c>effects</c>. Any other
/// result asks for nothing.
/// </summary>
/// <param name="Fault">The first thing that is wrong, with its place; then nothing is asked for.</param>
public sealed record ResultEffects(IReadOnlyList<ScheduleJob> Jobs, string? Fault)
{
    public const int Most = 100;
    const string Kind = "scheduleJob";
    const int Deepest = 256;
    const int LongestShown = 100;

    static readonly string[] Known = ["effect", "definition", "at", "parameters"];
    static readonly ResultEffects None = new([], null);
    static readonly RawJson NoParameters = RawJson.Trusted("{}");

    public static ResultEffects Read(RawJson result)
    {
        // Nearly no result of any other job goes further than this; no JSON writer escapes these letters.
        if (result.Utf8.Span.IndexOf("\"effect"u8) < 0)
            return None;
        try
        {
            using var document = JsonDocument.Parse(result.Utf8, new() { MaxDepth = Deepest });
            return new(Of(document.RootElement), null);
        }
        catch (EffectFault fault)
        {
            return new([], fault.Message);
        }
        catch (InvalidOperationException)
        {
            return new([], "a text of the result holds half of a surrogate pair, which is no text");
        }
    }

    static IReadOnlyList<ScheduleJob> Of(JsonElement result)
    {
        if (result.ValueKind == JsonValueKind.Array)
            return result.EnumerateArray().Any(IsEffect) ? All(result, "") : [];
        if (result.ValueKind != JsonValueKind.Object)
            return [];
        if (IsEffect(result))
            return [One(result, "")];
        if (!result.TryGetProperty("effects", out var effects) || effects.ValueKind == JsonValueKind.Null)
            return [];
        return effects.ValueKind == JsonValueKind.Array ? All(effects, "/effects") : throw new EffectFault("/effects", "must be an array of effects");
    }

    static bool IsEffect(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("effect", out _);

    static ScheduleJob[] All(JsonElement effects, string at) => effects.GetArrayLength() <= Most
        ? [.. effects.EnumerateArray().Select((effect, i) => One(effect, $"{at}/{i}"))]
        : throw new EffectFault(at, $"must hold at most {Most} effects");

    static ScheduleJob One(JsonElement effect, string at)
    {
        if (effect.ValueKind != JsonValueKind.Object)
            throw new EffectFault(at, "must be an effect: an object");
        if (Text(effect, "effect", at) is var kind && kind != Kind)
            throw new EffectFault($"{at}/effect", $"must be {Kind}");
        foreach (var property in effect.EnumerateObject())
            if (!Known.Contains(property.Name))
                throw new EffectFault($"{at}/{Shown(property.Name)}", $"is not a known field; there are {string.Join(", ", Known)}");
        var definition = Text(effect, "definition", at);
        if (!IsName(definition))
            throw new EffectFault($"{at}/definition", "is not the id of a job definition");
        var when = EffectTime.Parse(Text(effect, "at", at)) ?? throw new EffectFault($"{at}/at", EffectTime.Rule);
        return new(at, definition, when, Parameters(effect, at));
    }

    static string Text(JsonElement effect, string name, string at) =>
        !effect.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? throw new EffectFault($"{at}/{name}", "is required")
        : value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new EffectFault($"{at}/{name}", "must be a string");

    static RawJson Parameters(JsonElement effect, string at) =>
        !effect.TryGetProperty("parameters", out var value) || value.ValueKind == JsonValueKind.Null ? NoParameters
        : value.ValueKind == JsonValueKind.Object ? RawJson.Trusted(JsonMarshal.GetRawUtf8Value(value).ToArray())
        : throw new EffectFault($"{at}/parameters", "must be an object");

    /// <summary>Whatever a field is called, the fault is short and in one line.</summary>
    static string Shown(string name)
    {
        var shown = string.Concat(name.EnumerateRunes().Take(LongestShown).Select(x => Rune.IsControl(x) ? Rune.ReplacementChar : x));
        return name.EnumerateRunes().Skip(LongestShown).Any() ? shown + "…" : shown;
    }

    // As a job's name: the database is not asked for anything else.
    static bool IsName(string text) => text.Length is >= 1 and <= 128 && char.IsAsciiLetterOrDigit(text[0]) && text.All(x => char.IsAsciiLetterOrDigit(x) || "._:/-".Contains(x, StringComparison.Ordinal));

    sealed class EffectFault(string pointer, string detail) : Exception(pointer.Length == 0 ? $"The result {detail}" : $"{pointer}: {detail}");
}
