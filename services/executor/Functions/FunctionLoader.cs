using System.Collections.Concurrent;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Bundles;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Runtime;

namespace ReactorJobs.Executor.Functions;

/// <summary>Makes versions ready to run: which one it is, its files on disk, its environment with the secrets opened.</summary>
public sealed class FunctionLoader(FunctionService functions, FunctionSecrets secrets, TimeProvider time) : IDisposable
{
    /// <summary>How soon processes that start see a changed setting or secret.</summary>
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>Longer than any attempt and any idle process: nobody reads the files any more.</summary>
    static readonly TimeSpan Unused = TimeSpan.FromHours(25);

    readonly ConcurrentDictionary<(string Org, string Name, int Version), Loaded> loaded = new();

    /// <summary>The version of an attempt's run: the one that its first attempt found live (semantics 11).</summary>
    public async Task<RunnableVersion> OfRun(LiveAttempt attempt)
    {
        var (org, handler) = (attempt.Key.OrgId, attempt.Command.Handler);
        foreach (var name in Function.NamesIn(handler))
            if (await functions.Pins.Pin(org, attempt.Key.Run, name) is { } version)
                return await Load(org, name, version);
        throw NotDeployed(handler);
    }

    /// <summary>The version that answers plain requests.</summary>
    public async Task<RunnableVersion> Live(string org, string name, CancellationToken stop)
    {
        var function = await functions.Registry.Find(org, name, stop) ?? throw FunctionRegistry.NotFound(name);
        return await Load(org, name, function.LiveVersion ?? throw NotDeployed(name));
    }

    async Task<RunnableVersion> Load(string org, string name, int version)
    {
        var entry = loaded.GetOrAdd((org, name, version), _ => new());
        await entry.Gate.WaitAsync();
        try
        {
            entry.UsedAt = time.GetTimestamp();
            if (entry.Version is { } ready && time.GetElapsedTime(entry.ReadAt) < Fresh)
                return ready;
            var found = await functions.Registry.ToRun(org, name, version, CancellationToken.None)
                ?? throw new FunctionFailure(new("FunctionError", $"Version {version} of the function \"{name}\" does not exist any more.", "function_version_not_found"), fatal: true);
            entry.Bundle ??= await functions.Bundles.Use(found.Version.Key, CancellationToken.None);
            var environment = await secrets.Open(org, name, found.Variables);
            entry.ReadAt = time.GetTimestamp();
            return entry.Version = new(org, name, version, found.Version.Runtime, entry.Bundle.Folder, found.Version.Output, found.Network, environment);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>Lets go of what was not used for long.</summary>
    public void Sweep()
    {
        foreach (var (key, entry) in loaded)
            if (entry.UsedAt is > 0 and var at && time.GetElapsedTime(at) > Unused && loaded.TryRemove(key, out _))
                entry.Bundle?.Dispose();
    }

    public void Dispose()
    {
        foreach (var entry in loaded.Values)
            entry.Bundle?.Dispose();
    }

    static FunctionFailure NotDeployed(string name) =>
        new(new RunError("FunctionError", $"The function \"{name}\" has no live version: deploy one, and promote it.", "function_not_deployed"));

    sealed class Loaded
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);
        public CachedBundle? Bundle { get; set; }
        public RunnableVersion? Version { get; set; }
        public long ReadAt { get; set; }
        public long UsedAt { get; set; }
    }
}
