using System.Text.Json;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>Why a component's code is not taken: what the build says of the bundle's file, said of the component's.</summary>
static class ComponentRefusal
{
    public const string Code = "invalid_component";

    const string OtherLanguage = "Filtrera is not run: the code must be TypeScript or JavaScript with a default export";

    public static Problem Of(ComponentWrite component, int status, JsonElement problem)
    {
        var code = Text(problem, "code");
        if (code != "invalid_bundle")
            return new(status, code.Length > 0 ? code : "unavailable", Text(problem, "detail"));
        var file = component.Spec.CodeFile!;
        var at = $"{component.Pointer}/code";
        var errors = problem.TryGetProperty("errors", out var all) && all.ValueKind == JsonValueKind.Array ? all.EnumerateArray().Select(x => Said(component.Spec, x)).ToArray() : [];
        var detail = errors.Length > 0 ? errors[0] : Text(problem, "detail");
        // An ending that says nothing of the language is often the one of the language that the source of the name is written in.
        var hint = component.Spec.Entry == "index.ts" && !file.EndsWith(".ts", StringComparison.OrdinalIgnoreCase) ? $". {OtherLanguage}" : "";
        return new(400, Code, $"{file} is not taken: {detail}{hint}.", [.. errors.DefaultIfEmpty(detail).Select(x => new InputError(at, x))]);
    }

    /// <summary>Such as <c>process-orders.hreactor:3:7: Expected ";"</c>, where the build said <c>index.ts:3:7</c>.</summary>
    static string Said(ComponentSpec spec, JsonElement error)
    {
        var place = Text(error, "pointer");
        var named = place.StartsWith(spec.Entry, StringComparison.Ordinal) ? spec.CodeFile + place[spec.Entry.Length..] : place;
        return named.Length == 0 ? Text(error, "detail") : $"{named}: {Text(error, "detail")}";
    }

    static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
