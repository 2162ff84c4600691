using ReactorJobs.Executor.Bundles;

namespace ReactorJobs.Executor.Functions;

/// <summary>Settings of deployed functions.</summary>
public sealed record FunctionOptions
{
    /// <summary>Where bundles are built and unpacked: this process's alone; by default a new folder among the temporary ones.</summary>
    public string? Folder { get; init; }

    public BundleLimits Limits { get; init; } = new();

    /// <summary>How much the unpacked bundles take on disk before unused ones go: by default 2 GiB.</summary>
    public long CacheBytes { get; init; } = 2L << 30;

    /// <summary>How long a build may take: 1 s to 10 min, by default 30 s.</summary>
    public TimeSpan BuildTimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many deployments are unpacked and built at once, each in memory: 1 to 64, by default 2. The others wait.</summary>
    public int DeploymentsAtOnce { get; init; } = 2;

    /// <summary>How many versions of a function are kept, beside those that are live or held by runs: 1 to 1,000, by default 50.</summary>
    public int KeptVersions { get; init; } = 50;

    /// <summary>Throws one line that names the setting, its value and what is allowed.</summary>
    public FunctionOptions Validated()
    {
        Check(Limits.CompressedBytes is >= 1 << 10 and <= 256 << 20, nameof(Limits.CompressedBytes), Limits.CompressedBytes, "must be from 1 KiB to 256 MiB");
        Check(Limits.UnpackedBytes is >= 1 << 10 and <= 1 << 30, nameof(Limits.UnpackedBytes), Limits.UnpackedBytes, "must be from 1 KiB to 1 GiB");
        Check(Limits.Entries is >= 1 and <= 1_000_000, nameof(Limits.Entries), Limits.Entries, "must be from 1 to 1,000,000");
        Check(Limits.PathBytes is >= 16 and <= 1024, nameof(Limits.PathBytes), Limits.PathBytes, "must be from 16 to 1,024");
        Check(Limits.Depth is >= 1 and <= 64, nameof(Limits.Depth), Limits.Depth, "must be from 1 to 64");
        Check(CacheBytes >= 0, nameof(CacheBytes), CacheBytes, "must not be negative");
        Check(BuildTimeLimit >= TimeSpan.FromSeconds(1) && BuildTimeLimit <= TimeSpan.FromMinutes(10), nameof(BuildTimeLimit), BuildTimeLimit, "must be from 1 s to 10 min");
        Check(DeploymentsAtOnce is >= 1 and <= 64, nameof(DeploymentsAtOnce), DeploymentsAtOnce, "must be from 1 to 64");
        Check(KeptVersions is >= 1 and <= 1_000, nameof(KeptVersions), KeptVersions, "must be from 1 to 1,000");
        return this;
    }

    static void Check(bool holds, string setting, object value, string allowed)
    {
        if (!holds)
            throw new InvalidOperationException($"The functions' setting {setting} is \"{value}\" and {allowed}.");
    }
}
