using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Functions;

/// <summary>A function as the API shows it in lists. Of secrets there are only the names.</summary>
public record FunctionView(
    string Name, string Runtime, int? LiveVersion, bool Network, IReadOnlyDictionary<string, string> Env, IReadOnlyList<string> Secrets, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static FunctionView Of(Function x) => new(x.Name, x.Runtime, x.LiveVersion, x.Network, x.Variables.Env, [.. x.Variables.Secrets.Keys], x.CreatedAt, x.UpdatedAt);
}

/// <param name="Versions">Newest first.</param>
public sealed record FunctionDetailView(
    string Name, string Runtime, int? LiveVersion, bool Network, IReadOnlyDictionary<string, string> Env, IReadOnlyList<string> Secrets, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    IReadOnlyList<VersionView> Versions)
    : FunctionView(Name, Runtime, LiveVersion, Network, Env, Secrets, CreatedAt, UpdatedAt)
{
    public static FunctionDetailView Of(Function x, IReadOnlyList<FunctionVersion> versions) => new(
        x.Name, x.Runtime, x.LiveVersion, x.Network, x.Variables.Env, [.. x.Variables.Secrets.Keys], x.CreatedAt, x.UpdatedAt,
        [.. versions.Select(version => VersionView.Of(version, x.LiveVersion))]);
}

/// <summary>What a deployment has made.</summary>
public record DeploymentView(string Id, int Version, string Sha256, long Bytes, int Files, string Entry)
{
    public const string Prefix = "dep_";

    public static DeploymentView Of(FunctionVersion x) => new(Ulid.Format(Prefix, x.Id), x.Version, x.Sha256, x.Bytes, x.Files, x.Entry);
}

/// <param name="Network">With <paramref name="Env"/> and <paramref name="Secrets"/>, what its <c>function.json</c> asks for.</param>
public sealed record VersionView(
    string Id, int Version, string Sha256, long Bytes, int Files, string Entry, bool Live, string Runtime, bool Network, IReadOnlyDictionary<string, string> Env, IReadOnlyList<string> Secrets,
    RawJson? Job, DateTimeOffset CreatedAt, string CreatedBy)
    : DeploymentView(Id, Version, Sha256, Bytes, Files, Entry)
{
    public static VersionView Of(FunctionVersion x, int? live) => new(
        Ulid.Format(Prefix, x.Id), x.Version, x.Sha256, x.Bytes, x.Files, x.Entry, x.Version == live, x.Runtime, x.Network, x.Variables.Env, [.. x.Variables.Secrets.Keys],
        x.Job, x.CreatedAt, x.CreatedBy);
}

// The shapes of request bodies, for the API's description only.

public sealed record FunctionSpec(string Name, string? Runtime, bool? Network, IReadOnlyDictionary<string, string>? Env, IReadOnlyDictionary<string, string>? Secrets);

public sealed record FunctionChangeSpec(bool? Network, IReadOnlyDictionary<string, string?>? Env, IReadOnlyDictionary<string, string?>? Secrets);

public sealed record PromoteSpec(int? Version);
