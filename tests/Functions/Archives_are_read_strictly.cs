using System.Formats.Tar;
using System.Text;
using ReactorJobs.Executor.Bundles;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Functions;

public sealed class Archives_are_read_strictly
{
    static readonly BundleLimits Limits = new();

    static Problem Refusal(byte[] archive, BundleLimits? limits = null) =>
        Assert.Throws<ProblemException>(() => BundleArchive.Read(archive, limits ?? Limits)).Problem;

    static void Refused(byte[] archive, string entry, string reason, BundleLimits? limits = null, string code = "invalid_bundle")
    {
        var problem = Refusal(archive, limits);
        Assert.Equal(code, problem.Code);
        Assert.Equal(code == "invalid_bundle" ? 400 : 413, problem.Status);
        var error = Assert.Single(problem.Errors!);
        Assert.Equal(entry, error.Pointer);
        Assert.Contains(reason, error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.V7)]
    public void Each_format_of_tar_is_read(TarEntryFormat format)
    {
        var bundle = BundleArchive.Read(Archive.Of(format, ("./code/index.ts", "one"), ("empty", ""), ("data/b.json", new string('x', 1025))), Limits);
        Assert.Equal(["code/index.ts", "empty", "data/b.json"], bundle.Files.Select(x => x.Path));
        Assert.Equal(["one", "", new string('x', 1025)], bundle.Files.Select(x => Encoding.UTF8.GetString(x.Content.Span)));
    }

    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Long_names_and_names_in_any_script_are_read(TarEntryFormat format)
    {
        string[] names = [string.Join('/', Enumerable.Repeat(new string('n', 30), 8)), "Grüße/日本.txt"];
        Assert.Equal(names, BundleArchive.Read(Archive.Of(format, [.. names.Select(x => (x, "x"))]), Limits).Files.Select(x => x.Path));
    }

    [Fact]
    public void Folders_may_be_named_or_not()
    {
        var archive = Archive.Written(tar =>
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "./"));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "./a/"));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "./a/b/c.txt"));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "a/b"));
        });
        Assert.Equal(["a/b/c.txt"], BundleArchive.Read(archive, Limits).Files.Select(x => x.Path));
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "a symbolic link")]
    [InlineData(TarEntryType.HardLink, "a hard link")]
    [InlineData(TarEntryType.BlockDevice, "a device")]
    [InlineData(TarEntryType.CharacterDevice, "a device")]
    [InlineData(TarEntryType.Fifo, "a fifo")]
    public void What_is_no_file_is_refused(TarEntryType type, string what) => Refused(Archive.Written(tar =>
    {
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "index.js"));
        var entry = new PaxTarEntry(type, "odd");
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            entry.LinkName = "/etc/passwd";
        tar.WriteEntry(entry);
    }), "odd", what);

    [Theory]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("../up.js", "..")]
    [InlineData("a/../../up.js", "..")]
    [InlineData("a/..", "..")]
    [InlineData("a//b", "empty name")]
    [InlineData("a/./b", ". or ..")]
    [InlineData("a\\..\\b", "backslash")]
    [InlineData("//x", "absolute")]
    public void A_way_out_of_the_bundle_is_refused(string name, string reason)
    {
        Refused(Archive.Blocks(Archive.Header(name)), name, reason);
        // The same by a name that a header of its own gives.
        Refused(Archive.Blocks([.. Archive.Pax("path", name), Archive.Header("harmless")]), name, reason);
        Refused(Archive.Blocks(Archive.Header("././@LongLink", 'L', name.Length + 1), Archive.Content(name + "\0"), Archive.Header("harmless")), name, reason);
    }

    [Fact]
    public void Control_characters_are_refused_and_not_repeated()
    {
        Refused(Archive.Blocks(Archive.Header("a\u001b[2Jb")), "a\uFFFD[2Jb", "control character");
        Refused(Archive.Blocks([.. Archive.Pax("path", "a\0b"), Archive.Header("x")]), "a\uFFFDb", "control character");
        Refused(Archive.Blocks(Archive.Header("a\u00ff")), "a\u00ff", "not UTF-8");
    }

    [Fact]
    public void A_path_that_comes_twice_is_refused()
    {
        Refused(Archive.Of(("a", "1"), ("./a", "2")), "./a", "there twice");
        Refused(Archive.Of(("a", "1"), ("a/b", "2")), "a/b", "lies in a, which is a file");
        Refused(Archive.Of(("a/b", "1"), ("a", "2")), "a", "both a file and a folder");
    }

    [Fact]
    public void Files_with_holes_are_refused()
    {
        Refused(Archive.Blocks(Archive.Header("holes", 'S')), "holes", "sparse");
        Refused(Archive.Blocks([.. Archive.Pax("GNU.sparse.major", "1"), Archive.Header("holes")]), "holes", "sparse");
        Refused(Archive.Blocks(Archive.Header("M", 'M')), "M", "unknown type 'M'");
    }

    [Fact]
    public void Limits_of_paths_and_entries_are_named()
    {
        var deep = string.Join('/', Enumerable.Repeat("d", 17));
        Refused(Archive.Of((deep, "")), deep, "17 names deep; at most 16");
        var wide = string.Join('/', Enumerable.Repeat(new string('n', 63), 4)) + "x";
        Refused(Archive.Of((wide, "")), wide, "256 bytes; at most 255");
        Refused(Archive.Of(TarEntryFormat.Ustar, ("a", ""), ("b", ""), ("c", "")), "b", "2 entries", Limits with { Entries = 2 });
    }

    [Fact]
    public void What_is_broken_is_refused()
    {
        var whole = Archive.Of(("index.js", string.Concat(Enumerable.Range(0, 5000))), ("other.js", "x"));
        Assert.Equal(2, BundleArchive.Read(whole, Limits).Files.Count);
        var flipped = whole.ToArray();
        flipped[^6] ^= 1;
        Assert.Equal("invalid_bundle", Refusal(flipped).Code);

        Refused([], "", "is empty");
        Refused("PK\u0003\u0004 a zip"u8.ToArray(), "", "not a gzip archive");
        Refused(Archive.Zipped(x => x.Write(Encoding.UTF8.GetBytes(new string('t', 2000)))), "", "not a tar archive");
        Refused(Archive.Blocks(), "", "has no files");
        Refused(Archive.Blocks(Archive.Header("a"), Archive.Content("no header")), "a", "no entry of an archive");
    }

    [Fact]
    public void Wherever_an_archive_is_cut_there_is_never_a_part_of_it()
    {
        var whole = Archive.Of(("index.js", string.Concat(Enumerable.Range(0, 5000))), ("other.js", "x"));
        var sums = 8; // after the last file and the archive's end
        for (var length = 0; length < whole.Length - sums; length++)
            try
            {
                Assert.Equal(2, BundleArchive.Read(whole[..length], Limits).Files.Count);
                Assert.True(length > whole.Length - 64, $"{length} of {whole.Length} bytes were enough");
            }
            catch (ProblemException exception)
            {
                Assert.Equal("invalid_bundle", exception.Problem.Code);
            }
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("99999999999 path=x\n")]
    [InlineData("5 a=b")]
    [InlineData("18446744073709551616 a=b\n")]
    [InlineData("12 size=-12\n")]
    public void Broken_pax_headers_are_refused(string text) =>
        Refused(Archive.Blocks(Archive.Header("pax", 'x', text.Length), Archive.Content(text), Archive.Header("x")), "", "broken pax header");

    [Fact]
    public void A_header_for_all_entries_may_not_name_them()
    {
        var pax = Archive.Pax("path", "x");
        Refused(Archive.Blocks(Archive.Header("g", 'g', 10), pax[1], Archive.Header("a")), "", "global pax header");
        var comment = Archive.Pax("comment", "0123456");
        Assert.Single(BundleArchive.Read(Archive.Blocks(Archive.Header("g", 'g', 19), comment[1], Archive.Header("a")), Limits).Files);
    }

    /// <summary>What an archive claims and does not hold takes no memory.</summary>
    [Fact]
    public void A_claimed_size_is_not_believed()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(Archive.Blocks(Archive.Header("big", size: 8_000_000_000)), "big", "134,217,728 bytes unpacked", code: "payload_too_large");
        Refused(Archive.Blocks(Archive.Header("x", 'x', 2_000_000_000)), "", "header of 2,000,000,000 bytes");
        Refused(Archive.Blocks(Archive.Header("L", 'L', 2_000_000_000)), "", "header of 2,000,000,000 bytes");
        Refused(Archive.Blocks([.. Archive.Pax("size", "9223372036854775807"), Archive.Header("huge")]), "huge", "bytes unpacked", code: "payload_too_large");
        var binary = Archive.Header("binary");
        binary.AsSpan(124, 12).Fill(0x7f);
        binary[124] = 0x80;
        Refused(Archive.Blocks(Archive.Summed(binary)), "", "not a tar archive");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }
}
