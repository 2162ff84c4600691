using ReactorJobs.Cli.Deploying;

namespace ReactorJobs.Cli.Watching;

/// <summary>What differs between two looks at a project, in terms of what can be deployed.</summary>
/// <param name="Functions">Those that are new, or of which a file is new, another or gone.</param>
/// <param name="GoneFunctions">Those that are none any more.</param>
/// <param name="Manifest">Whether the manifest is new or another.</param>
/// <param name="ManifestIsGone">Whether there was one.</param>
/// <param name="Saved">When the last of these files was written; none where all that happened is that files went away.</param>
sealed record ProjectChange(
    IReadOnlyList<string> Functions, IReadOnlyList<string> GoneFunctions, bool Manifest, bool ManifestIsGone, DateTimeOffset? Saved)
{
    /// <summary>A file that is older was copied or unpacked, not saved just now.</summary>
    static readonly TimeSpan JustNow = TimeSpan.FromSeconds(2);

    public bool IsNone => Functions.Count == 0 && GoneFunctions.Count == 0 && !Manifest && !ManifestIsGone;

    public static ProjectChange Between(ProjectListing before, ProjectListing now)
    {
        var written = now.Files.Where(x => !before.Files.TryGetValue(x.Key, out var stamp) || stamp != x.Value).ToList();
        var changed = written.Select(x => x.Key).Concat(before.Files.Keys.Where(path => !now.Files.ContainsKey(path))).ToList();
        var touched = changed.Select(ProjectListing.FunctionOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return new ProjectChange(
            [.. now.Functions.Where(touched.Contains)],
            [.. before.Functions.Except(now.Functions)],
            now.HasManifest && changed.Contains(JobManifest.File),
            before.HasManifest && !now.HasManifest,
            written.Count == 0 ? null : written.Max(x => x.Value.Saved));
    }

    /// <summary>From when on the time counts until it is live: from the save, where that can have been one, else from when it was noticed.</summary>
    public DateTimeOffset Since(DateTimeOffset noticed) => Saved is { } saved && saved <= noticed && noticed - saved < JustNow ? saved : noticed;
}
