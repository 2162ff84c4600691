using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Executor.Bundles;

/// <summary>
/// Turns a bundle into what runs: one file of JavaScript in place of all its code, with its dependencies in it, and its other files as they
/// were. Types are the editor's business; what cannot be parsed or found is refused. Code of the bundle does not run here, but for what declares
/// triggers (<see cref="TriggerReading"/>): macros are off, and the working folder is not the bundle's, so that no setting of the bundler's is taken from it.
/// </summary>
/// <param name="folder">Where builds take place, each in a folder of its own.</param>
sealed class BundleBuild(Func<BuildCommand, CancellationToken, Task<BuildResult>> run, string folder, TimeSpan timeLimit, IdSource ids)
{
    const string Source = "src/";
    const string Metadata = "build.json";

    /// <summary>The built file, beside the entry: what the code reads relative to itself is where it was.</summary>
    public static string OutputOf(string entry) => BundlePath.Folder(entry) + "index.js";

    public async Task<BuiltBundle> Build(Bundle bundle, string entry, string runtime, CancellationToken stop)
    {
        var work = Path.Combine(folder, ids.New("build_"));
        try
        {
            await Write(bundle, work, stop);
            var result = await run(new(Arguments(entry, runtime), work, timeLimit), stop);
            if (result.TimedOut)
                throw BundleRefusal.Invalid(entry, $"could not be built within {timeLimit.TotalSeconds:0.###} seconds");
            if (result.ExitCode != 0)
                throw BundleRefusal.Invalid(BuildErrors.Read(result.Output, bundle) is { Count: > 0 } errors ? errors : [new(entry, "could not be built")]);
            using var metadata = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(work, Metadata), stop));
            RefuseForeignFiles(bundle, metadata.RootElement);
            // Before code of the bundle runs, which may write to its folder.
            var packed = PackedBundle.Of(await Kept(bundle, entry, work, stop));
            var exports = BundleExports.Read(metadata.RootElement);
            return new(packed, BundleExports.Handlers(exports), exports.Contains(TriggerReading.Export) ? await TriggerReading.Read(run, work, Source + OutputOf(entry), timeLimit, stop) : null);
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    // Beside the entry, so that the paths in the source map, too, are those of the bundle. A path that stands in the code for the
    // folder of a build would be wrong where it runs, and make each build another.
    static string[] Arguments(string entry, string runtime) =>
    [
        "build", $"--target={runtime}", "--format=esm", "--external=@reactor/*", "--sourcemap=inline", "--no-macros", "--env=disable",
        "--banner=const __function_dirname = import.meta.dirname, __function_filename = import.meta.filename;",
        "--define=__dirname=__function_dirname", "--define=__filename=__function_filename", "--define=process.env.NODE_ENV=\"production\"",
        $"--metafile={Metadata}", $"--root={Source}{BundlePath.Folder(entry)}", $"--outdir={Source}{BundlePath.Folder(entry)}",
        "--entry-naming=index.[ext]", $"./{Source}{entry}",
    ];

    static async Task Write(Bundle bundle, string work, CancellationToken stop)
    {
        foreach (var file in bundle.Files)
        {
            var path = Path.Combine(work, Source, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, file.Content, stop);
        }
    }

    /// <summary>An import may name any file of the machine; whatever contains the bundler should hide them, and this finds what it did not.</summary>
    static void RefuseForeignFiles(Bundle bundle, JsonElement metadata)
    {
        var inputs = metadata.GetProperty("inputs");
        bool IsOfBundle(string path) => path.StartsWith(Source, StringComparison.Ordinal) && bundle.Find(path[Source.Length..]) is not null;
        foreach (var input in inputs.EnumerateObject())
            foreach (var import in input.Value.GetProperty("imports").EnumerateArray())
                if (import.GetProperty("path").GetString()! is var path && !IsOfBundle(path) && inputs.TryGetProperty(path, out _))
                    throw BundleRefusal.Invalid(input.Name[Source.Length..], $"imports {import.GetProperty("original").GetString()}, which is not in the bundle");
    }

    static async Task<IReadOnlyList<BundleFile>> Kept(Bundle bundle, string entry, string work, CancellationToken stop)
    {
        var beside = BundlePath.Folder(entry);
        var kept = bundle.Files.Where(x => IsKept(x.Path)).ToDictionary(x => x.Path, StringComparer.Ordinal);
        foreach (var output in new DirectoryInfo(Path.Combine(work, Source, beside)).EnumerateFiles())
        {
            var path = beside + output.Name;
            if (path == OutputOf(entry) || path == beside + "index.css" || bundle.Find(path) is null)
                kept[path] = new(path, await File.ReadAllBytesAsync(output.FullName, stop));
        }

        var package = beside + "package.json";
        kept[package] = new(package, AsModule(bundle.Find(package)));
        return [.. kept.Values];
    }

    static bool IsKept(string path) =>
        !BundlePath.IsCode(path) && !BundlePath.IsDependency(path) && path[(path.LastIndexOf('/') + 1)..] is var name &&
        // Bun would read them by itself, and take from them what the function's settings are for.
        name != "bunfig.toml" && name != ".env" && !name.StartsWith(".env.", StringComparison.Ordinal);

    /// <summary>Node takes <c>index.js</c> for a module only where the package beside it says so.</summary>
    static byte[] AsModule(BundleFile? package)
    {
        var json = new JsonObject();
        try
        {
            // Names are compared on the first use, and one that comes twice is no object then.
            if (package is { } file && JsonNode.Parse(file.Content.Span) is JsonObject given && !given.ContainsKey(""))
                json = given;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // The bundler has gone on without it; so does this.
        }

        json["type"] = "module";
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }
}
