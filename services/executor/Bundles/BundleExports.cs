using System.Text.Json;
using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Bundles;

/// <param name="Exports">What jobs can run: <c>default</c>, and other names.</param>
/// <param name="Triggers">What the code declares; null where it declares none.</param>
sealed record BuiltBundle(PackedBundle Packed, IReadOnlyList<string> Exports, RawJson? Triggers);

/// <summary>What a function's entry exports, as the bundler has found it: without running any of it.</summary>
static class BundleExports
{
    public const string Default = "default";

    /// <param name="metadata">The bundler's.</param>
    public static IReadOnlyList<string> Read(JsonElement metadata) =>
    [
        .. metadata.GetProperty("outputs").EnumerateObject().Where(x => x.Value.TryGetProperty("entryPoint", out var entry) && entry.GetString() is { Length: > 0 })
            .SelectMany(x => x.Value.TryGetProperty("exports", out var exports) ? exports.EnumerateArray().Select(name => name.GetString()!) : []).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Those that a job can name. A module without any is in the older form, whose exports are its default.</summary>
    public static IReadOnlyList<string> Handlers(IReadOnlyList<string> exports) =>
        exports.Count == 0 ? [Default] : [.. exports.Where(x => x != TriggerReading.Export && x.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')).Order(StringComparer.Ordinal)];
}
