using System.Text;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Bundles;

/// <param name="Path">Relative to the bundle, with <c>/</c> between its names.</param>
public readonly record struct BundleFile(string Path, ReadOnlyMemory<byte> Content);

/// <summary>The files of a function.</summary>
public sealed class Bundle(IReadOnlyList<BundleFile> files)
{
    readonly Dictionary<string, BundleFile> byPath = files.ToDictionary(x => x.Path, StringComparer.Ordinal);

    public IReadOnlyList<BundleFile> Files => files;

    public BundleFile? Find(string path) => byPath.TryGetValue(path, out var file) ? file : null;
}

/// <summary>Why a bundle is not taken.</summary>
static class BundleRefusal
{
    public const string Code = "invalid_bundle";
    const int Shown = 300;

    /// <param name="place">The entry of the archive, the field of <c>function.json</c>, or the line that is wrong; empty for the bundle as a whole.</param>
    public static ProblemException Invalid(string place, string detail) => Invalid([new(place, detail)]);

    public static ProblemException Invalid(IReadOnlyList<InputError> errors)
    {
        errors = [.. errors.Select(x => x with { Pointer = Printable(x.Pointer) })];
        var detail = errors is [var one] ? Sentence(one) : $"{Sentence(errors[0])} ({errors.Count - 1} more)";
        return new(new(400, Code, detail, errors));
    }

    public static ProblemException TooLarge(string place, string detail)
    {
        var error = new InputError(Printable(place), detail);
        return new(new(413, "payload_too_large", Sentence(error), [error]));
    }

    static string Sentence(InputError error) => $"{(error.Pointer.Length == 0 ? "The bundle" : error.Pointer)}: {error.Detail}";

    /// <summary>Names in an archive are anybody's bytes, and a terminal may show them.</summary>
    static string Printable(string place)
    {
        var text = new StringBuilder();
        foreach (var rune in place.EnumerateRunes().Take(Shown))
            text.Append(Rune.IsControl(rune) ? "\uFFFD" : rune.ToString());
        return text.ToString();
    }
}
