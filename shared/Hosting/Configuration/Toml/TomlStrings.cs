using System.Globalization;
using System.Text;

namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>The four forms of strings.</summary>
static class TomlStrings
{
    public static string Read(TomlCursor cursor) => cursor.Peek() == '"'
        ? cursor.Sees("\"\"\"") ? ReadLines(cursor, '"') : ReadLine(cursor, '"')
        : cursor.Sees("'''") ? ReadLines(cursor, '\'') : ReadLine(cursor, '\'');

    /// <summary>The forms that keys may have, too.</summary>
    public static string ReadLine(TomlCursor cursor, char quote)
    {
        var opened = cursor.Position;
        cursor.Skip(1);
        var text = new StringBuilder();
        while (!cursor.Take(quote))
        {
            if (cursor.Peek() is -1 or '\n' or '\r')
                throw new TomlException(opened, $"the string that begins here is not closed in its line; one over several lines has {new string(quote, 3)} around it");
            ReadUnit(cursor, quote, text);
        }

        return text.ToString();
    }

    static string ReadLines(TomlCursor cursor, char quote)
    {
        var opened = cursor.Position;
        cursor.Skip(3);
        cursor.TakeNewline();
        var text = new StringBuilder();
        while (true)
        {
            if (cursor.AtEnd)
                throw new TomlException(opened, "the string that begins here is not closed");
            var line = cursor.Offset;
            if (cursor.TakeNewline())
                text.Append(cursor.Offset - line == 2 ? "\r\n" : "\n");
            else if (cursor.Sees(new string(quote, 3)))
                return Close(cursor, quote, text);
            else if (quote == '"' && EscapesLineEnd(cursor))
                SkipLineEnds(cursor);
            else
                ReadUnit(cursor, quote, text);
        }
    }

    // One or two more quotes before the closing three belong to the string.
    static string Close(TomlCursor cursor, char quote, StringBuilder text)
    {
        cursor.Skip(3);
        for (var more = 0; more < 2 && cursor.Take(quote); more++)
            text.Append(quote);
        return text.ToString();
    }

    static bool EscapesLineEnd(TomlCursor cursor)
    {
        if (cursor.Peek() != '\\')
            return false;
        var ahead = 1;
        while (cursor.Peek(ahead) is ' ' or '\t')
            ahead++;
        return cursor.Peek(ahead) == '\n' || (cursor.Peek(ahead) == '\r' && cursor.Peek(ahead + 1) == '\n');
    }

    static void SkipLineEnds(TomlCursor cursor)
    {
        cursor.Skip(1);
        do
            cursor.SkipBlanks();
        while (cursor.TakeNewline());
    }

    static void ReadUnit(TomlCursor cursor, char quote, StringBuilder text)
    {
        if (TomlCursor.IsControl(cursor.Peek()))
            throw cursor.Fail(quote == '"' ? $"{cursor.Here()} must be escaped in a string" : $"{cursor.Here()} may not stand in a string of single quotes; one of double quotes can escape it");
        if (quote == '"' && cursor.Peek() == '\\')
        {
            ReadEscape(cursor, text);
            return;
        }

        text.Append((char)cursor.Peek());
        cursor.Skip(1);
    }

    static void ReadEscape(TomlCursor cursor, StringBuilder text)
    {
        if (cursor.Peek(1) is 'u' or 'U')
        {
            text.Append(ReadCodePoint(cursor, cursor.Peek(1) == 'u' ? 4 : 8));
            return;
        }

        var c = cursor.Peek(1) switch
        {
            'b' => '\b',
            't' => '\t',
            'n' => '\n',
            'f' => '\f',
            'r' => '\r',
            '"' => '"',
            '\\' => '\\',
            _ => throw cursor.Fail("this is no escape: \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX and \\UXXXXXXXX are; in single quotes a backslash is just that"),
        };
        text.Append(c);
        cursor.Skip(2);
    }

    static string ReadCodePoint(TomlCursor cursor, int digits)
    {
        var value = 0u;
        for (var i = 0; i < digits; i++)
        {
            if (cursor.Peek(2 + i) is not (>= 0 and < 0x80 and var unit) || !char.IsAsciiHexDigit((char)unit))
                throw cursor.Fail($"this escape needs {digits.ToString(CultureInfo.InvariantCulture)} hexadecimal digits");
            value = (value << 4) | (uint)Convert.ToInt32(((char)unit).ToString(), 16);
        }

        if (!Rune.IsValid(value))
            throw cursor.Fail("this escape names no character: those are U+0000 to U+D7FF and U+E000 to U+10FFFF");
        cursor.Skip(2 + digits);
        return new Rune(value).ToString();
    }
}
