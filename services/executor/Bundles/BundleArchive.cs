using System.IO.Compression;

namespace ReactorJobs.Executor.Bundles;

/// <summary>
/// Reads the tar.gz that a caller deploys. The first thing that no bundle has ends the reading: links, devices, a way out of the bundle, a
/// path twice, more than the limits allow.
/// </summary>
static class BundleArchive
{
    public static Bundle Read(byte[] gzip, BundleLimits limits, CancellationToken stop = default)
    {
        if (gzip is not [0x1f, 0x8b, ..])
            throw BundleRefusal.Invalid("", gzip.Length == 0 ? "is empty" : "is not a gzip archive");
        using var compressed = new MemoryStream(gzip, writable: false);
        using var tar = new GZipStream(compressed, CompressionMode.Decompress);
        var reader = new TarReader(tar, limits);
        var files = new List<BundleFile>();
        var paths = new Paths();
        while (reader.Next() is { } entry)
        {
            stop.ThrowIfCancellationRequested();
            if (What(entry) is { } kind)
                throw BundleRefusal.Invalid(entry.Name, $"is {kind}; a bundle has files and folders only");
            var (path, fault) = BundlePath.Read(entry.Name, limits);
            fault ??= path.Length == 0 ? entry.Type == '5' ? null : "is a file without a name" : paths.Fault(path, isFile: entry.Type == '0');
            if (fault is not null)
                throw BundleRefusal.Invalid(entry.Name, fault);
            if (entry.Type == '0')
                files.Add(new(path, reader.Content()));
        }

        return files.Count > 0 ? new(files) : throw BundleRefusal.Invalid("", "has no files");
    }

    static string? What(TarEntry entry) => entry.Sparse ? "a sparse file" : entry.Type switch
    {
        '0' or '5' => null,
        '1' => "a hard link",
        '2' or 'K' => "a symbolic link",
        '3' or '4' => "a device",
        '6' => "a fifo",
        _ => $"of the unknown type '{entry.Type}'",
    };

    /// <summary>No path comes twice as a file, and none is both a file and a folder.</summary>
    sealed class Paths
    {
        readonly HashSet<string> files = new(StringComparer.Ordinal);
        readonly HashSet<string> folders = new(StringComparer.Ordinal);

        public string? Fault(string path, bool isFile)
        {
            if (isFile && !files.Add(path))
                return "is there twice";
            if (!isFile)
                folders.Add(path);
            for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
            {
                if (files.Contains(path[..end]))
                    return $"lies in {path[..end]}, which is a file";
                if (!folders.Add(path[..end]))
                    break;
            }

            return (isFile ? folders : files).Contains(path) ? "is both a file and a folder" : null;
        }
    }
}
