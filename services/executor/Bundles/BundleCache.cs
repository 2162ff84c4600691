using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ReactorJobs.Executor.Bundles;

/// <summary>One version of a function, as a key of the cache.</summary>
public sealed record BundleKey(string OrgId, string Function, int Version, string Sha256);

/// <summary>
/// Unpacked bundles in folders that nobody writes to: <c>root/org/function/version-sha8</c>. A folder is there whole or not at all; one that
/// is in use stays, and of the others those that were used least recently go when there are too many bytes.
/// </summary>
/// <param name="root">This process's alone; what it holds at the start is deleted.</param>
/// <param name="read">Gives the packed bundle of a key.</param>
public sealed class BundleCache(string root, long mostBytes, Func<BundleKey, CancellationToken, Task<byte[]>> read)
{
    const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    const UnixFileMode Enter = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    readonly Lock gate = new();
    readonly Dictionary<BundleKey, Entry> entries = [];
    long uses;
    long names;
    bool cleared;

    /// <summary>Bytes of the unpacked bundles.</summary>
    public long Bytes
    {
        get
        {
            lock (gate)
                return entries.Values.Sum(x => x.Bytes);
        }
    }

    /// <summary>The folder of a version, until what is given back is disposed.</summary>
    public async Task<CachedBundle> Use(BundleKey key, CancellationToken stop)
    {
        Entry entry;
        lock (gate)
        {
            Clear();
            if (!entries.TryGetValue(key, out entry!))
                entries[key] = entry = new(FolderOf(key), Task.Run(() => Unpack(key)));
            entry.Users++;
            entry.LastUse = ++uses;
        }

        try
        {
            // One caller that goes away does not take the folder from those who wait for it, too.
            var bytes = await entry.Unpacked.WaitAsync(stop);
            lock (gate)
                entry.Bytes = bytes;
        }
        catch
        {
            lock (gate)
            {
                entry.Users--;
                if (entry.Unpacked is { IsCompleted: true, IsCompletedSuccessfully: false } && entries.GetValueOrDefault(key) == entry)
                    entries.Remove(key);
            }

            throw;
        }

        Evict();
        return new(entry.Folder, () => Release(entry));
    }

    void Release(Entry entry)
    {
        lock (gate)
            entry.Users--;
        Evict();
    }

    void Evict()
    {
        var gone = new List<string>();
        lock (gate)
        {
            var bytes = entries.Values.Sum(x => x.Bytes);
            foreach (var (key, entry) in entries.Where(x => x.Value is { Users: 0, Unpacked.IsCompletedSuccessfully: true }).OrderBy(x => x.Value.LastUse).ToArray())
            {
                if (bytes <= mostBytes)
                    break;
                entries.Remove(key);
                bytes -= entry.Bytes;
                if (!Directory.Exists(entry.Folder))
                    continue;
                // Out of the way at once: the same version may be wanted again while its files go.
                var aside = Beside(entry.Folder);
                Directory.Move(entry.Folder, aside);
                gone.Add(aside);
            }
        }

        gone.ForEach(Delete);
    }

    async Task<long> Unpack(BundleKey key)
    {
        var packed = await read(key, CancellationToken.None);
        // It was built within the limits of its time, which may have been others.
        var bundle = BundleArchive.Read(packed, new() { UnpackedBytes = int.MaxValue, Entries = int.MaxValue, PathBytes = int.MaxValue, Depth = int.MaxValue });
        var folder = FolderOf(key);
        string unfinished;
        lock (gate)
            unfinished = Beside(folder);
        Directory.CreateDirectory(unfinished);
        try
        {
            foreach (var file in bundle.Files)
            {
                var path = Path.Combine(unfinished, file.Path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, file.Content);
                SetMode(path, ReadOnly);
            }

            foreach (var inner in Directory.EnumerateDirectories(unfinished, "*", SearchOption.AllDirectories).Append(unfinished))
                SetMode(inner, ReadOnly | Enter);
            Directory.Move(unfinished, folder);
        }
        catch
        {
            Delete(unfinished);
            throw;
        }

        return bundle.Files.Sum(x => (long)x.Content.Length);
    }

    void Clear()
    {
        if (cleared)
            return;
        cleared = true;
        if (Directory.Exists(root))
            Delete(root);
    }

    /// <summary>Deletes a folder with what is in it, read-only or not.</summary>
    internal static void Delete(string folder)
    {
        foreach (var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Prepend(folder))
            SetMode(inner, ReadOnly | Enter | UnixFileMode.UserWrite);
        Directory.Delete(folder, recursive: true);
    }

    static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }

    string FolderOf(BundleKey key) => Path.Combine(
        root, Name(key.OrgId), Name(key.Function), $"{key.Version.ToString(CultureInfo.InvariantCulture)}-{key.Sha256[..8]}");

    string Beside(string folder) => $"{folder}.{(++names).ToString(CultureInfo.InvariantCulture)}";

    /// <summary>A name that is one folder's name, whatever is in it.</summary>
    static string Name(string text)
    {
        var name = Uri.EscapeDataString(text);
        return name is "." or ".." or "" || name.Length > 200 ? "%" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))) : name;
    }

    sealed class Entry(string folder, Task<long> unpacked)
    {
        public string Folder => folder;
        public Task<long> Unpacked => unpacked;
        public long Bytes { get; set; }
        public int Users { get; set; }
        public long LastUse { get; set; }
    }
}

/// <summary>An unpacked bundle in use.</summary>
public sealed class CachedBundle(string folder, Action release) : IDisposable
{
    int released;

    public string Folder => folder;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref released, 1) == 0)
            release();
    }
}
