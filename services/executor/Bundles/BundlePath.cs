using System.Globalization;
using System.Text;

namespace ReactorJobs.Executor.Bundles;

/// <summary>Where a file may lie: below the bundle, under a name that means the same everywhere.</summary>
static class BundlePath
{
    static readonly string[] CodeExtensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

    /// <summary>
    /// The path an archive's name stands for, without a leading <c>./</c>; empty for the bundle itself. Or why it is none.
    /// </summary>
    public static (string Path, string? Fault) Read(string name, BundleLimits limits)
    {
        var path = name;
        while (path.StartsWith("./", StringComparison.Ordinal))
            path = path[2..];
        path = path is "." ? "" : path.EndsWith('/') && path.Length > 1 ? path[..^1] : path;
        return (path, path.Length == 0 ? null : Fault(path, limits));
    }

    static string? Fault(string path, BundleLimits limits)
    {
        if (path.StartsWith('/'))
            return "is an absolute path";
        if (path.Any(char.IsControl))
            return "has a control character in its name";
        if (path.Contains('\\'))
            return "has a backslash in its name";
        if (Encoding.UTF8.GetByteCount(path) is var bytes && bytes > limits.PathBytes)
            return string.Create(CultureInfo.InvariantCulture, $"is a path of {bytes:N0} bytes; at most {limits.PathBytes:N0} are allowed");
        var names = path.Split('/');
        if (names.Length > limits.Depth)
            return string.Create(CultureInfo.InvariantCulture, $"lies {names.Length} names deep; at most {limits.Depth} are allowed");
        return names.Any(x => x is ".." or "." or "") ? "has an empty name, . or .. in its path" : null;
    }

    public static bool IsCode(string path) => CodeExtensions.Any(x => path.EndsWith(x, StringComparison.Ordinal));

    public static bool IsDependency(string path) => path.StartsWith("node_modules/", StringComparison.Ordinal) || path.Contains("/node_modules/", StringComparison.Ordinal);

    /// <summary>The folder of a path with its slash, or nothing.</summary>
    public static string Folder(string path) => path[..(path.LastIndexOf('/') + 1)];
}
