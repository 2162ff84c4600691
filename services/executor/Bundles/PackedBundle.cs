using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace ReactorJobs.Executor.Bundles;

/// <summary>
/// A bundle as it is kept: a tar.gz without times, owners or order of its own, so that the same files are the same bundle.
/// </summary>
/// <param name="Sha256">Of the tar before compression: what compresses differs between machines.</param>
public sealed record PackedBundle(byte[] Bytes, string Sha256, int Files)
{
    public static PackedBundle Of(IEnumerable<BundleFile> files)
    {
        var sorted = files.OrderBy(x => x.Path, StringComparer.Ordinal).ToArray();
        using var packed = new MemoryStream();
        using var sha = SHA256.Create();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        using (var hashed = new CryptoStream(gzip, sha, CryptoStreamMode.Write))
        using (var tar = new TarWriter(hashed, TarEntryFormat.Gnu))
            foreach (var file in sorted)
                tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, file.Path)
                {
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    AccessTime = DateTimeOffset.UnixEpoch,
                    ChangeTime = DateTimeOffset.UnixEpoch,
                    Mode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                    DataStream = new MemoryStream(file.Content.ToArray(), writable: false),
                });
        return new(packed.ToArray(), Convert.ToHexStringLower(sha.Hash!), sorted.Length);
    }
}
