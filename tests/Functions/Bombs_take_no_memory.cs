using System.Text;
using ReactorJobs.Executor.Bundles;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Functions;

/// <summary>Archives that are small to send and would be large to read. Their reading ends at the limit, with little allocated on the way.</summary>
public sealed class Bombs_take_no_memory
{
    static (Problem Problem, long Allocated) Read(byte[] archive, BundleLimits limits)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var problem = Assert.Throws<ProblemException>(() => BundleArchive.Read(archive, limits)).Problem;
        return (problem, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_million_entries_end_at_the_limit()
    {
        var archive = Archive.Zipped(stream =>
        {
            foreach (var header in Headers(1_000_000))
                stream.Write(header);
        });
        var (problem, allocated) = Read(archive, new());
        Assert.Contains("10,000 entries", problem.Detail, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 32 << 20);
    }

    [Fact]
    public void A_million_headers_of_one_entry_end_at_the_limit()
    {
        var pax = Archive.Pax("comment", "0123456");
        var archive = Archive.Zipped(stream =>
        {
            for (var i = 0; i < 1_000_000; i++)
                foreach (var block in pax)
                    stream.Write(block);
        });
        var (problem, allocated) = Read(archive, new());
        Assert.Contains("10,000 entries", problem.Detail, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 32 << 20);
    }

    [Fact]
    public void A_gigabyte_of_zeros_in_a_file_is_refused_by_its_header()
    {
        var archive = Archive.Zipped(stream =>
        {
            stream.Write(Archive.Header("zeros", size: 1L << 30));
            Zeros(stream, 1L << 30);
        });
        Assert.InRange(archive.Length, 0, 32 << 20);
        var (problem, allocated) = Read(archive, new());
        Assert.Equal((413, "payload_too_large"), (problem.Status, problem.Code));
        Assert.InRange(allocated, 0, 1 << 20);
    }

    [Fact]
    public void A_gigabyte_of_zeros_after_the_end_is_not_read()
    {
        var archive = Archive.Zipped(stream =>
        {
            stream.Write(Archive.Header("index.js"));
            Zeros(stream, 1L << 30);
        });
        var (problem, allocated) = Read(archive, new());
        Assert.Equal("payload_too_large", problem.Code);
        Assert.InRange(allocated, 0, 1 << 20);
    }

    [Fact]
    public void Many_files_together_take_no_more_than_the_limit()
    {
        var archive = Archive.Zipped(stream =>
        {
            for (var i = 0; i < 100; i++)
            {
                stream.Write(Archive.Header($"f{i}", size: 1 << 20));
                Zeros(stream, 1 << 20);
            }
        });
        var (problem, allocated) = Read(archive, new() { UnpackedBytes = 10 << 20 });
        Assert.Equal("f9", Assert.Single(problem.Errors!).Pointer);
        Assert.InRange(allocated, 9 << 20, 11 << 20);
    }

    /// <summary>Of files with different names; the digits of a name and those of the sum change together.</summary>
    static IEnumerable<byte[]> Headers(int count)
    {
        var block = Archive.Header("f/0000000");
        var sum = Convert.ToInt32(Encoding.ASCII.GetString(block, 148, 6), 8);
        for (var i = 0; i < count; i++)
        {
            var (rest, digits) = (i, 0);
            for (var place = 8; place > 1; place--, rest /= 10)
            {
                block[place] = (byte)('0' + rest % 10);
                digits += rest % 10;
            }

            for (var (place, left) = (153, sum + digits); place > 147; place--, left /= 8)
                block[place] = (byte)('0' + left % 8);
            yield return block;
        }
    }

    static void Zeros(Stream stream, long bytes)
    {
        var zeros = new byte[1 << 20];
        for (; bytes > 0; bytes -= zeros.Length)
            stream.Write(zeros);
    }
}
