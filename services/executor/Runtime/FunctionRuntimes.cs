using System.Collections.Concurrent;
using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Runtime;

/// <summary>A program that runs functions, and where it is.</summary>
public sealed record FunctionRuntime(string Name, string Path, string Version);

/// <summary>The programs that run functions on this machine. Their versions are read once, when they are first needed.</summary>
public sealed class FunctionRuntimes(RuntimeOptions options, Sandbox sandbox)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    static readonly SandboxLimits Limits = new(512 << 20, 128, 256, 1 << 20, 200);

    readonly ConcurrentDictionary<string, Lazy<Task<FunctionRuntime>>> found = new();

    /// <summary>The workspace of the SDK, which brings the runner.</summary>
    public string SdkFolder { get; } = options.SdkFolder ?? Above(AppContext.BaseDirectory);

    /// <exception cref="FunctionFailure">It is not installed; the message says what to do.</exception>
    public async Task<FunctionRuntime> Get(string name)
    {
        try
        {
            return await found.GetOrAdd(name, key => new(() => Find(key))).Value;
        }
        catch
        {
            found.TryRemove(name, out _); // it may be installed by the next time
            throw;
        }
    }

    /// <summary>Where everything that a function may import is mounted.</summary>
    public IReadOnlyList<SandboxMount> SdkMounts()
    {
        SandboxMount[] mounts =
        [
            new(Path.Combine(SdkFolder, "packages/jobs-sdk"), "/srv/node_modules/@reactor/jobs-sdk"),
            new(Path.Combine(SdkFolder, "packages/scheduler"), "/srv/node_modules/@reactor/scheduler"),
            new(Path.Combine(SdkFolder, "packages/functions-runner"), "/srv/node_modules/@reactor/functions-runner"),
            new(Path.Combine(SdkFolder, "node_modules/ws"), "/srv/node_modules/ws"),
        ];
        foreach (var mount in mounts)
            if (!File.Exists(Path.Combine(mount.Source, "package.json")))
                throw Missing($"{mount.Source} is missing: run npm ci and npm run build in sdk/typescript, or name the built SDK in the setting sdk_folder of [jobs.functions]");
        return mounts;
    }

    async Task<FunctionRuntime> Find(string name)
    {
        if (name is not ("bun" or "node"))
            throw new FunctionFailure(new("RuntimeError", $"There is no runtime \"{name}\": it is bun or node.", "runtime_unknown"), fatal: true);
        var set = name == "bun" ? options.Bun : options.Node;
        string?[] places = set is not null
            ? [Executables.Real(set)]
            : [Executables.OnPath(name), Executables.Real(Path.Combine(SdkFolder, "node_modules/.bin", name)), .. Packaged(name)];
        foreach (var place in places.OfType<string>().Distinct())
            if (await VersionOf(place) is { } version)
                return new(name, place, version);
        throw Missing(set is not null
            ? $"The setting {name} of [jobs.functions] is \"{set}\", and that is no program that answers to --version"
            : $"{name} was not found: {(name == "bun" ? "run npm ci in sdk/typescript, or install bun" : "install nodejs, version 20 or newer,")} and put it on the PATH, or name it in the setting {name} of [jobs.functions]");
    }

    /// <summary>The npm package's own copy: the link in <c>.bin</c> leads to a placeholder where install scripts are not run.</summary>
    IEnumerable<string?> Packaged(string name) => name == "bun" && Directory.Exists(Path.Combine(SdkFolder, "node_modules/@oven"))
        ? Directory.EnumerateDirectories(Path.Combine(SdkFolder, "node_modules/@oven")).Order(StringComparer.Ordinal).Select(x => Executables.Real(Path.Combine(x, "bin/bun")))
        : [];

    async Task<string?> VersionOf(string path)
    {
        var result = await sandbox.Run(new(["/srv/bin/runtime", "--version"], [new(path, "/srv/bin/runtime")], Limits), Patience);
        var version = result.Output.Trim().TrimStart('v');
        return result.Succeeded && version.Length > 0 && char.IsAsciiDigit(version[0]) ? version : null;
    }

    static FunctionFailure Missing(string message) => new(new RunError("RuntimeError", message + ".", "runtime_missing"));

    static string Above(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            if (Path.Combine(at.FullName, "sdk", "typescript") is var sdk && File.Exists(Path.Combine(sdk, "package.json")))
                return sdk;
        return Path.Combine(folder, "sdk", "typescript");
    }
}
