using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Bundles;

/// <summary>A bundle brings its dependencies along: nothing is installed where it is built.</summary>
static class Dependencies
{
    /// <summary>The suite brings these itself.</summary>
    const string OwnPackages = "@reactor/";

    static readonly (string Lock, string Install)[] Tools =
    [
        ("bun.lock", "bun install --frozen-lockfile"),
        ("bun.lockb", "bun install --frozen-lockfile"),
        ("package-lock.json", "npm ci"),
        ("pnpm-lock.yaml", "pnpm install --frozen-lockfile --config.node-linker=hoisted"),
        ("yarn.lock", "yarn install --frozen-lockfile"),
    ];

    /// <summary>Refuses a folder whose dependencies are locked and not installed.</summary>
    public static void Check(string folder, string shown)
    {
        // The package may be the function's folder, or that of its code.
        foreach (var (package, at) in new[] { (folder, shown), (Path.Combine(folder, "code"), $"{shown}/code") })
        {
            if (Directory.Exists(Path.Combine(package, "node_modules"))) return;
            foreach (var (file, install) in Tools)
            {
                if (!File.Exists(Path.Combine(package, file)) || !Needs(Path.Combine(package, "package.json"))) continue;
                throw new Failure(ExitCode.Failed, $"{at} has {file} and no node_modules: its dependencies are not installed",
                    $"install them first: (cd {at} && {install})");
            }
        }
    }

    static bool Needs(string file)
    {
        try
        {
            using var package = JsonDocument.Parse(File.ReadAllText(file));
            return package.RootElement.Field("dependencies") is { ValueKind: JsonValueKind.Object } all
                && all.EnumerateObject().Any(x => !x.Name.StartsWith(OwnPackages, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // What cannot be read may need anything.
            return true;
        }
    }
}
