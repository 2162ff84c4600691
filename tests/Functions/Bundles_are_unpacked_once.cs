using System.Text;
using ReactorJobs.Executor.Bundles;

namespace ReactorJobs.Tests.Functions;

public sealed class Bundles_are_unpacked_once : IDisposable
{
    const int Size = 1000;
    readonly string root = Path.Combine(Directory.CreateTempSubdirectory("reactor-test-cache-").FullName, "bundles");
    int reads;
    Func<BundleKey, Task>? before;

    public void Dispose()
    {
        if (Directory.Exists(root))
            BundleCache.Delete(root);
        Directory.Delete(Path.GetDirectoryName(root)!);
    }

    BundleCache Cache(int bundles = 10) => new(root, bundles * Size, async (key, _) =>
    {
        Interlocked.Increment(ref reads);
        if (before is not null)
            await before(key);
        return PackedBundle.Of([new("code/index.js", Encoding.UTF8.GetBytes($"{key.Version}".PadRight(Size - 1))), new("data.txt", "x"u8.ToArray())]).Bytes;
    });

    static BundleKey Key(int version, string function = "f", string org = "acme") => new(org, function, version, "0123456789abcdef");

    [Fact]
    public async Task A_version_has_a_folder_that_nobody_writes_to()
    {
        using var bundle = await Cache().Use(Key(3), default);
        Assert.Equal(Path.Combine(root, "acme", "f", "3-01234567"), bundle.Folder);
        Assert.Equal("3", (await File.ReadAllTextAsync(Path.Combine(bundle.Folder, "code/index.js"))).Trim());
        foreach (var entry in Directory.EnumerateFileSystemEntries(bundle.Folder, "*", SearchOption.AllDirectories).Append(bundle.Folder))
            Assert.Equal(0, (int)(new FileInfo(entry).UnixFileMode & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)));
    }

    [Fact]
    public async Task Many_at_once_read_it_once()
    {
        var cache = Cache();
        var bundles = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => cache.Use(Key(i % 2), default)));
        Assert.Equal(2, reads);
        Assert.Equal(2, bundles.Select(x => x.Folder).Distinct().Count());
        Assert.Equal(2 * Size, cache.Bytes);
    }

    [Fact]
    public async Task Those_used_least_recently_go_and_those_in_use_stay()
    {
        var cache = Cache(bundles: 2);
        var held = await cache.Use(Key(1), default);
        foreach (var version in new[] { 2, 3, 4 })
            (await cache.Use(Key(version), default)).Dispose();
        Assert.Equal(["1-01234567", "4-01234567"], Folders());
        held.Dispose();
        held.Dispose();
        (await cache.Use(Key(5), default)).Dispose();
        Assert.Equal(["4-01234567", "5-01234567"], Folders());
        (await cache.Use(Key(4), default)).Dispose();
        Assert.Equal(5, reads);
        (await cache.Use(Key(1), default)).Dispose();
        Assert.Equal(["1-01234567", "4-01234567"], Folders());
    }

    string[] Folders() => [.. Directory.EnumerateDirectories(Path.Combine(root, "acme", "f")).Select(x => Path.GetFileName(x)).Order()];

    [Fact]
    public async Task A_whole_folder_is_there_while_others_come_and_go()
    {
        var cache = Cache(bundles: 1);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
            {
                var version = (worker + i) % 5;
                using var bundle = await cache.Use(Key(version), default);
                Assert.Equal($"{version}".PadRight(Size - 1), await File.ReadAllTextAsync(Path.Combine(bundle.Folder, "code/index.js")));
                Assert.True(File.Exists(Path.Combine(bundle.Folder, "data.txt")));
            }
        })));
        Assert.Single(Folders());
    }

    [Fact]
    public async Task A_failure_is_not_kept_and_one_who_leaves_takes_nothing_away()
    {
        var cache = Cache();
        before = _ => throw new IOException("away");
        await Assert.ThrowsAsync<IOException>(() => cache.Use(Key(1), default));
        var go = new TaskCompletionSource();
        before = _ => go.Task;
        using var leaving = new CancellationTokenSource();
        var left = cache.Use(Key(1), leaving.Token);
        var stayed = cache.Use(Key(1), default);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        go.SetResult();
        using var bundle = await stayed;
        Assert.Equal(2, reads);
        Assert.True(File.Exists(Path.Combine(bundle.Folder, "data.txt")));
    }

    [Fact]
    public async Task Names_do_not_lead_out_of_the_root()
    {
        var cache = Cache();
        foreach (var name in new[] { "a/../../b", "x:y", "a/..", new string('/', 128) })
        {
            using var bundle = await cache.Use(Key(1, name, ".."), default);
            Assert.Equal(root, Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(bundle.Folder)))));
        }
    }

    [Fact]
    public async Task What_an_earlier_process_left_is_deleted()
    {
        using (await Cache().Use(Key(1), default))
        {
            using var bundle = await Cache().Use(Key(2), default);
            Assert.Equal(["2-01234567"], Folders());
        }
    }
}
