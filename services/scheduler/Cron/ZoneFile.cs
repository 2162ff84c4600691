using System.Buffers.Binary;
using System.Text;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>
/// The changes of a zone's clocks as the system's IANA database has them (RFC 9636). <see cref="TimeZoneInfo"/> reads the same files, but is a day
/// wrong where the rule at a file's end has an hour outside of its day, such as 24 or -1: in Cairo, Jerusalem, Nuuk and Santiago, from 2038 on, or
/// already now where the files spell no changes out ahead (the slim kind).
/// </summary>
public static class ZoneFile
{
    const int HeaderBytes = 44;
    const int MostBytes = 1 << 16;

    static readonly string[] Folders = [Environment.GetEnvironmentVariable("TZDIR") ?? "", "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"];

    static readonly string Folder = Folders.FirstOrDefault(x => x.Length > 0 && Directory.Exists(x)) ?? "";

    /// <summary>The zones that people live in, without older names for them.</summary>
    public static IEnumerable<string> Names()
    {
        var table = Path.Combine(Folder, "zone.tab");
        return File.Exists(table) ? File.ReadLines(table).Where(x => !x.StartsWith('#')).Select(x => x.Split('\t').ElementAtOrDefault(2) ?? "").Append("UTC") : [];
    }

    /// <summary>The bytes of a zone; none where there is no such zone.</summary>
    /// <param name="id">Must not lead out of the folder.</param>
    public static byte[]? Find(string id)
    {
        var path = Path.Combine(Folder, id);
        if (Folder.Length == 0 || !File.Exists(path))
            return null;
        // Many are links to others, and have the length of those only when they are open.
        using var file = File.OpenRead(path);
        if (file.Length is < HeaderBytes or > MostBytes)
            return null;
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes.AsSpan().StartsWith("TZif"u8) && bytes[4] >= (byte)'2' ? bytes : null;
    }

    /// <summary>The stretches of one offset between two instants.</summary>
    public static IReadOnlyList<OffsetSpan> Spans(ReadOnlySpan<byte> file, DateTime from, DateTime until)
    {
        // The first block is for readers that know 32 bits of time only; the second has 64.
        var first = new Header(file);
        file = file[(HeaderBytes + first.BlockBytes(timeBytes: 4))..];
        var header = new Header(file);
        var times = file[HeaderBytes..];
        var kinds = times[(header.Times * 8)..];
        var types = kinds[header.Times..];
        var footer = Encoding.ASCII.GetString(file[(HeaderBytes + header.BlockBytes(timeBytes: 8))..]).Trim('\n');

        var spans = new SpanList(OffsetOf(types, 0));
        for (var i = 0; i < header.Times; i++)
            spans.Add(TimeOf(BinaryPrimitives.ReadInt64BigEndian(times[(i * 8)..])), OffsetOf(types, kinds[i]));
        if (ZoneRule.TryParse(footer, out var rule))
            for (var (year, last) = (spans.LastChange.Year, spans.LastChange); year <= until.Year; year++)
                foreach (var (at, offset) in rule.Changes(year).Where(x => x.At > last))
                    spans.Add(at, offset);
        return spans.Between(from, until);
    }

    // Since 1972 every offset is in whole minutes, which is all that an offset may have elsewhere.
    static TimeSpan OffsetOf(ReadOnlySpan<byte> types, int i) => TimeSpan.FromMinutes(BinaryPrimitives.ReadInt32BigEndian(types[(i * 6)..]) / 60);

    static DateTime TimeOf(long seconds) => DateTime.UnixEpoch.AddSeconds(Math.Max(seconds, -60_000_000_000));

    readonly ref struct Header(ReadOnlySpan<byte> bytes)
    {
        readonly ReadOnlySpan<byte> bytes = bytes;

        public int Times => Count(3);

        /// <summary>Of what follows the header: times, their kinds, the kinds' offsets and names, leap seconds, and two kinds of flags.</summary>
        public int BlockBytes(int timeBytes) => (Times * (timeBytes + 1)) + (Count(4) * 6) + Count(5) + (Count(2) * (timeBytes + 4)) + Count(1) + Count(0);

        int Count(int i) => BinaryPrimitives.ReadInt32BigEndian(bytes[(20 + (i * 4))..]);
    }

    /// <summary>Changes in their order; those that change no offset are none.</summary>
    sealed class SpanList(TimeSpan offset)
    {
        readonly List<OffsetSpan> spans = [];
        (DateTime Start, TimeSpan Offset, TimeSpan Before) open = (DateTime.UnixEpoch.AddYears(-1900), offset, offset);

        /// <summary>Whether it changed an offset or not.</summary>
        public DateTime LastChange { get; private set; } = new(1970, 1, 1);

        public void Add(DateTime at, TimeSpan offset)
        {
            LastChange = at;
            if (offset == open.Offset)
                return;
            if (at > open.Start)
                spans.Add(new(Utc(open.Start), Utc(at), open.Offset, open.Before));
            open = (at, offset, at > open.Start ? open.Offset : open.Before);
        }

        public IReadOnlyList<OffsetSpan> Between(DateTime from, DateTime until) =>
        [
            .. spans.Append(new(Utc(open.Start), until, open.Offset, open.Before)).Where(x => x.End > from && x.Start < until)
                .Select(x => x.Start < from ? x with { Start = from, Before = x.Offset } : x.End > until ? x with { End = until } : x),
        ];

        static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);
    }
}
