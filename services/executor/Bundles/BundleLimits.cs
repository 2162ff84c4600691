namespace ReactorJobs.Executor.Bundles;

/// <summary>What a bundle may be at most.</summary>
public sealed record BundleLimits
{
    /// <summary>Of the archive as it is sent: 1 KiB to 256 MiB, by default 32 MiB.</summary>
    public int CompressedBytes { get; init; } = 32 << 20;

    /// <summary>Of all that the archive unpacks to, its own headers included: 1 KiB to 1 GiB, by default 128 MiB.</summary>
    public int UnpackedBytes { get; init; } = 128 << 20;

    /// <summary>Headers in the archive, those of folders and of long names included: by default 10,000.</summary>
    public int Entries { get; init; } = 10_000;

    /// <summary>Bytes of a path, by default 255.</summary>
    public int PathBytes { get; init; } = 255;

    /// <summary>Names in a path, by default 16.</summary>
    public int Depth { get; init; } = 16;
}
