using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Bundles;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Functions;

/// <summary>What an org calls by a name, with its settings.</summary>
/// <param name="Network">False keeps every version from the network.</param>
public sealed record Function(
    string OrgId, string Name, string Runtime, int? LiveVersion, bool Network, FunctionVariables Variables, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static Function Of(FunctionRow row) =>
        new(row.OrgId, row.Name, row.Runtime, row.LiveVersion, row.Network, VariablesOf(row.Env, row.Secrets), row.CreatedAt, row.UpdatedAt);

    internal FunctionRow ToRow() => new()
    {
        OrgId = OrgId,
        Name = Name,
        Runtime = Runtime,
        Network = Network,
        Env = JsonSerializer.Serialize(Variables.Env),
        Secrets = JsonSerializer.Serialize(Variables.Secrets),
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
    };

    /// <summary>Versions from before exports were looked for have their default one.</summary>
    internal static IReadOnlyList<string> ExportsOf(string? exports) => exports is null ? [BundleExports.Default] : JsonSerializer.Deserialize<string[]>(exports)!;

    internal static FunctionVariables VariablesOf(string env, string secrets) => new(Read(env), Read(secrets));

    static SortedDictionary<string, string> Read(string json) => new(JsonSerializer.Deserialize<Dictionary<string, string>>(json)!, StringComparer.Ordinal);

    /// <summary>What a job's handler may be to mean one of these exports: <c>function:export</c>, and for the default one the plain name.</summary>
    public static IEnumerable<string> HandlersOf(string function, IEnumerable<string> exports) =>
        exports.Select(export => export == BundleExports.Default ? function : $"{function}:{export}").Where(HandlerName.Fits);

    /// <summary>The functions that a handler may mean: the one of that very name, else the one whose export it names.</summary>
    public static IEnumerable<string> NamesIn(string handler) => handler.LastIndexOf(':') is > 0 and var colon ? [handler, handler[..colon]] : [handler];

    public bool HasSettingsOf(Function other) => Runtime == other.Runtime && Network == other.Network && Variables.IsSameAs(other.Variables);
}

/// <summary>A function that takes runs.</summary>
/// <param name="Handlers">What runs it: its name, and its exports.</param>
public sealed record LiveFunction(string OrgId, string Name, int Version, IReadOnlyList<string> Handlers);

/// <summary>One deployment of a function.</summary>
/// <param name="Id"><c>dep_</c> and a ULID.</param>
/// <param name="Entry">The file of the sources that it begins with; what runs is <see cref="Output"/>.</param>
/// <param name="Sha256">Of what is kept, before compression.</param>
/// <param name="Bytes">Of what is kept, compressed.</param>
/// <param name="Network">With <paramref name="Variables"/>, what its <c>function.json</c> asks for.</param>
public sealed record FunctionVersion(
    string OrgId, string Function, int Version, Guid Id, string Runtime, string Entry, string Sha256, long Bytes, int Files, bool Network, FunctionVariables Variables,
    RawJson? Job, DateTimeOffset CreatedAt, string CreatedBy)
{
    /// <summary>What jobs can run of it.</summary>
    public IReadOnlyList<string> Exports { get; init; } = [BundleExports.Default];

    /// <summary>What its code declares; null where it declares none.</summary>
    public RawJson? Triggers { get; init; }

    /// <summary>The file that runs, in the unpacked bundle.</summary>
    public string Output => BundleBuild.OutputOf(Entry);

    public BundleKey Key => new(OrgId, Function, Version, Sha256);
}

/// <summary>
/// A version as it runs: its own settings, and over them the function's, so that who operates a function has the last word. The network
/// is there when neither refuses it.
/// </summary>
public sealed record FunctionToRun(FunctionVersion Version, bool Network, FunctionVariables Variables)
{
    public static FunctionToRun Of(Function function, FunctionVersion version) =>
        new(version, function.Network && version.Network, version.Variables.With(function.Variables));
}
