using System.Text.RegularExpressions;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Bundles;

/// <summary>Reads what the bundler says of a bundle that it cannot build.</summary>
static partial class BuildErrors
{
    const int Most = 20;

    /// <summary>Each error with <c>file:line:column</c>, where it has a place in the bundle.</summary>
    public static IReadOnlyList<InputError> Read(string output, Bundle bundle)
    {
        var errors = new List<InputError>();
        var lines = output.Split('\n');
        for (var i = 0; i < lines.Length && errors.Count < Most; i++)
            if (Error().Match(lines[i]) is { Success: true } error)
                errors.Add(new(
                    i + 1 < lines.Length && Place().Match(lines[i + 1]) is { Success: true } place ? PointerTo(place, bundle) : "",
                    error.Groups[1].Value.Replace(" Maybe you need to \"bun install\"?", " A dependency comes with the bundle, in node_modules.", StringComparison.Ordinal)));
        return errors;
    }

    // The bundler names files as it sees them, from the root of whatever contains it.
    static string PointerTo(Match place, Bundle bundle)
    {
        var seen = place.Groups[1].Value;
        var file = bundle.Files.Select(x => x.Path).Where(x => seen == x || seen.EndsWith("/" + x, StringComparison.Ordinal)).MaxBy(x => x.Length);
        return file is null ? "" : $"{file}:{place.Groups[2].Value}:{place.Groups[3].Value}";
    }

    [GeneratedRegex(@"^error: (.+?)\r?$", RegexOptions.CultureInvariant)]
    private static partial Regex Error();

    [GeneratedRegex(@"^\s+at (.+):([0-9]+):([0-9]+)\r?$", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
