using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace ReactorJobs.Cli.Bundles;

/// <summary>A bundle as it is sent.</summary>
/// <param name="Sha256">Of the tar before compression: what compresses differs between machines.</param>
sealed record PackedBundle(byte[] Bytes, string Sha256, int Files);

/// <summary>Packs files into a tar.gz without times, owners or modes of this machine: the same files are the same archive.</summary>
static class BundleArchive
{
    const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <param name="files">In the order in which they shall lie.</param>
    public static PackedBundle Pack(IReadOnlyList<BundleFile> files, string shown)
    {
        try
        {
            return Pack(files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure.Usage($"cannot read {shown}: {e.Message}");
        }
    }

    static PackedBundle Pack(IReadOnlyList<BundleFile> files)
    {
        using var packed = new MemoryStream();
        using var sha = SHA256.Create();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        using (var hashed = new CryptoStream(gzip, sha, CryptoStreamMode.Write))
        using (var tar = new TarWriter(hashed, TarEntryFormat.Gnu))
        {
            foreach (var file in files)
            {
                // Opening a pipe would wait for its other end; it is as empty as an empty file.
                using var content = file.Bytes == 0 ? Stream.Null : File.OpenRead(file.Source);
                tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, file.Path)
                {
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    AccessTime = DateTimeOffset.UnixEpoch,
                    ChangeTime = DateTimeOffset.UnixEpoch,
                    Mode = Readable,
                    DataStream = file.Bytes == 0 ? null : content,
                });
            }
        }
        return new PackedBundle(packed.ToArray(), Convert.ToHexStringLower(sha.Hash!), files.Count);
    }
}
