using Microsoft.Extensions.Logging;
using ReactorJobs.Executor.Bundles;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Executor.Functions;

/// <summary>The functions of an executor: their registry, their deployments and their unpacked bundles, put together by hand.</summary>
public sealed class FunctionService : IAsyncDisposable
{
    readonly Deployments deployments;
    readonly string? temporary;

    public FunctionService(FunctionOptions options, ServiceDatabase database, DeploymentSteps steps, TimeProvider time, IdSource ids, ILoggerFactory loggers)
    {
        options = options.Validated();
        var folder = options.Folder ?? (temporary = Directory.CreateTempSubdirectory("reactor-functions-").FullName);
        Registry = new(database, time);
        Pins = new(database, time, loggers.CreateLogger("Functions"));
        Bundles = new(Path.Combine(folder, "bundles"), options.CacheBytes, (key, stop) => Registry.Bundle(key.OrgId, key.Function, key.Version, stop));
        deployments = new(database, Registry, steps, options, Path.Combine(folder, "builds"), time, ids);
        Endpoints = new(Registry, deployments, options, time);
    }

    public FunctionRegistry Registry { get; }
    public FunctionPins Pins { get; }
    public BundleCache Bundles { get; }
    public FunctionEndpoints Endpoints { get; }

    public async ValueTask DisposeAsync()
    {
        await Pins.DisposeAsync();
        deployments.Dispose();
        if (temporary is not null)
            BundleCache.Delete(temporary);
    }
}
