using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Functions;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Bundles;

/// <summary>What a bundle's <c>function.json</c> says of the function; every field may be left out.</summary>
/// <param name="Network">False where the function does without one; it cannot take what its settings refuse.</param>
/// <param name="Job">The job that a promotion applies, as it was written.</param>
sealed record BundleManifest(string? Entry, string? Runtime, bool Network, FunctionVariables Variables, RawJson? Job)
{
    public const string File = "function.json";
    const int MostBytes = 256 << 10;

    /// <summary>Names the schema for an editor, and means nothing here.</summary>
    public const string Schema = "$schema";

    public static BundleManifest Read(Bundle bundle)
    {
        if (bundle.Find(File) is not { } file)
            return new(null, null, true, FunctionVariables.None, null);
        if (file.Content.Length > MostBytes)
            throw BundleRefusal.TooLarge(File, $"has {file.Content.Length:N0} bytes; at most {MostBytes:N0} are allowed");
        var fields = Fields(file);
        fields.String(Schema);
        var manifest = new BundleManifest(
            fields.String("entry"), fields.OneOf("runtime", false, FunctionRuntime.Names), fields.Boolean("network") ?? true,
            FunctionVariables.Read(fields), Object(fields, "job"));
        fields.Done(BundleRefusal.Code);
        return manifest;
    }

    static Fields Fields(BundleFile file)
    {
        try
        {
            var root = RequestBody.Parse(file.Content.ToArray());
            return root.ValueKind == JsonValueKind.Object ? new(root, File) : throw BundleRefusal.Invalid(File, "must be a JSON object");
        }
        catch (ProblemException exception) when (exception.Problem.Code != BundleRefusal.Code)
        {
            throw BundleRefusal.Invalid([.. exception.Problem.Errors!.Select(x => x with { Pointer = File + x.Pointer })]);
        }
    }

    static RawJson? Object(Fields fields, string name)
    {
        if (fields.Element(name) is not { ValueKind: not JsonValueKind.Null } element)
            return null;
        if (element.ValueKind == JsonValueKind.Object)
            return RequestBody.Raw(element);
        fields.Wrong(name, "must be an object");
        return null;
    }

    /// <summary>The file that the function begins with.</summary>
    public string EntryOf(Bundle bundle)
    {
        if (Entry is { } named)
        {
            var path = named.StartsWith("./", StringComparison.Ordinal) ? named[2..] : named;
            if (bundle.Find(path) is null)
                throw BundleRefusal.Invalid($"{File}/entry", $"names {named}, which is not in the bundle");
            return BundlePath.IsCode(path) ? path : throw BundleRefusal.Invalid($"{File}/entry", $"names {named}, which is neither TypeScript nor JavaScript");
        }

        string[] places = [.. from folder in new[] { "code/", "" } from extension in new[] { "ts", "tsx", "mts", "js", "mjs" } select $"{folder}index.{extension}"];
        return places.FirstOrDefault(x => bundle.Find(x) is not null) ??
            throw BundleRefusal.Invalid("", $"has no entry: there is no {string.Join(", ", places[..^1])} or {places[^1]}, and no entry in {File}");
    }
}
