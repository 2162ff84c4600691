using System.Text;
using ReactorJobs.Cli.Bundles;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Cli.Functions;

/// <summary>A function as it lies in a folder, packed to be deployed.</summary>
/// <param name="Shown">What messages call the folder.</param>
/// <param name="Settings">The text of its <c>function.json</c>, where it has one.</param>
/// <param name="Runtime">What a new function is made with.</param>
sealed record FunctionSource(string Name, string Shown, PackedBundle Bundle, string? Settings, string Runtime)
{
    const string SettingsFile = "function.json";
    const string DefaultRuntime = "bun";

    public static FunctionSource Read(string name, string folder, string shown)
    {
        Dependencies.Check(folder, shown);
        var files = BundleFolder.Files(folder, shown);
        if (files.Count == 0) throw new Failure(ExitCode.Failed, $"{shown} has no files");
        var settings = files.FirstOrDefault(x => x.Path == SettingsFile) is { Source: { } file } ? Text(file, shown) : null;
        var runtime = settings is null ? null : JsonInput.ParseFile($"{shown}/{SettingsFile}", settings).Text("runtime");
        return new FunctionSource(name, shown, BundleArchive.Pack(files, shown), settings, runtime ?? DefaultRuntime);
    }

    static string Text(string file, string shown)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure.Usage($"cannot read {shown}/{SettingsFile}: {e.Message}");
        }
    }

    public string Size => $"{Bundle.Files} file{(Bundle.Files == 1 ? "" : "s")}, {Sizes.Format(Bundle.Bytes.Length)}";

    /// <summary>A refusal of the bundle, with the places in this folder's files.</summary>
    public ApiRefusal Refused(ApiRefusal refusal) => refusal.In(
        refusal.Fields.Count == 1 ? $"{Name} is not deployed" : $"{Name} is not deployed, for {refusal.Fields.Count} reasons", Place);

    FieldError Place(FieldError error)
    {
        if (error.Pointer.Length == 0) return error with { Pointer = Shown };
        // Wrong settings are named by pointer, wrong code by file, line and column.
        return Settings is not null && error.Pointer.StartsWith($"{SettingsFile}/", StringComparison.Ordinal) && error.Pointer[SettingsFile.Length..] is var pointer
            ? new FieldError($"{Shown}/{SettingsFile}:{new JsonPlaces(Encoding.UTF8.GetBytes(Settings), [pointer]).Of(pointer)}", $"{pointer} {error.Detail}")
            : error with { Pointer = $"{Shown}/{error.Pointer}" };
    }
}
