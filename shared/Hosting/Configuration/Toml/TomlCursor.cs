using System.Text;

namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>A document's text and how far it has been read.</summary>
sealed class TomlCursor
{
    /// <summary>Deeper nesting is refused: reading recurs, and the stack has an end.</summary>
    public const int DeepestNesting = 100;

    readonly string text;
    readonly List<int> lineStarts = [0];

    TomlCursor(string text)
    {
        this.text = text;
        for (var i = 0; i < text.Length; i++)
            if (text[i] == '\n')
                lineStarts.Add(i + 1);
    }

    public int Offset { get; private set; }

    public bool AtEnd => Offset == text.Length;

    public TomlPosition Position => PositionOf(Offset);

    public static TomlCursor Open(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        var decoded = new StringBuilder(utf8.Length);
        Span<char> units = stackalloc char[2];
        while (!utf8.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(utf8, out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                var read = new TomlCursor(decoded.ToString());
                throw new TomlException(read.PositionOf(read.text.Length), $"the file must be UTF-8, and the byte 0x{utf8[0]:X2} is not");
            }

            decoded.Append(units[..rune.EncodeToUtf16(units)]);
            utf8 = utf8[length..];
        }

        return new(decoded.ToString());
    }

    /// <summary>The unit of UTF-16 there, or -1 at the end.</summary>
    public int Peek(int ahead = 0) => Offset + ahead < text.Length ? text[Offset + ahead] : -1;

    public bool Sees(string expected) => string.CompareOrdinal(text, Offset, expected, 0, expected.Length) == 0;

    public void Skip(int units) => Offset += units;

    public bool Take(char expected)
    {
        if (Peek() != expected)
            return false;
        Offset++;
        return true;
    }

    public string TakeWhile(Func<int, bool> holds)
    {
        var start = Offset;
        while (!AtEnd && holds(Peek()))
            Offset++;
        return text[start..Offset];
    }

    public void SkipBlanks()
    {
        while (Peek() is ' ' or '\t')
            Offset++;
    }

    /// <summary>LF or CRLF.</summary>
    public bool TakeNewline()
    {
        if (Take('\n'))
            return true;
        if (Peek() != '\r')
            return false;
        if (Peek(1) != '\n')
            throw Fail("a carriage return stands alone: lines end with LF or CRLF");
        Offset += 2;
        return true;
    }

    public void SkipComment()
    {
        if (!Take('#'))
            return;
        while (!AtEnd && Peek() != '\n' && !(Peek() == '\r' && Peek(1) == '\n'))
        {
            if (IsControl(Peek()))
                throw Fail($"{Here()} may not stand in a comment");
            Offset++;
        }
    }

    /// <summary>Blanks, comments and line ends, as they may stand between the items of an array.</summary>
    public void SkipLines()
    {
        do
        {
            SkipBlanks();
            SkipComment();
        }
        while (TakeNewline());
    }

    public static bool IsControl(int unit) => unit is (>= 0 and < 0x20 and not '\t') or 0x7f;

    public TomlPosition PositionOf(int offset)
    {
        var line = lineStarts.BinarySearch(offset);
        if (line < 0)
            line = ~line - 1;
        return new(line + 1, offset - lineStarts[line] + 1);
    }

    /// <summary>What stands here, for people.</summary>
    public string Here() => TomlQuote.OfCharacter(AtEnd ? -1 : char.IsSurrogatePair(text, Offset) ? char.ConvertToUtf32(text, Offset) : text[Offset]);

    public TomlException Fail(string message) => new(Position, message);
}
