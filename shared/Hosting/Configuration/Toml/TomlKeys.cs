namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>Keys: bare, quoted, dotted.</summary>
static class TomlKeys
{
    /// <summary>Reads a key and the blanks around it.</summary>
    public static IReadOnlyList<TomlKeyPart> Read(TomlCursor cursor)
    {
        var parts = new List<TomlKeyPart>();
        do
        {
            cursor.SkipBlanks();
            parts.Add(ReadPart(cursor));
            if (parts.Count > TomlCursor.DeepestNesting)
                throw cursor.Fail($"the key has more than {TomlCursor.DeepestNesting} parts");
            cursor.SkipBlanks();
        }
        while (cursor.Take('.'));
        return parts;
    }

    static TomlKeyPart ReadPart(TomlCursor cursor)
    {
        var at = cursor.Position;
        if (cursor.Sees("\"\"\"") || cursor.Sees("'''"))
            throw cursor.Fail("a key is in one line: it has one quote on each side");
        if (cursor.Peek() is '"' or '\'')
            return new(TomlStrings.ReadLine(cursor, (char)cursor.Peek()), at);
        var name = cursor.TakeWhile(IsBare);
        return name.Length > 0 ? new(name, at) : throw cursor.Fail($"a key is missing here, where {cursor.Here()} stands; one with other characters than A-Z, a-z, 0-9, _ and - needs quotes");
    }

    static bool IsBare(int unit) => unit < 0x80 && (char.IsAsciiLetterOrDigit((char)unit) || unit is '_' or '-');
}
