namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>Reads documents of TOML 1.0 (https://toml.io/en/v1.0.0).</summary>
public static class TomlDocument
{
    /// <exception cref="TomlException">The document is no TOML 1.0, or nests deeper than 100.</exception>
    public static TomlTable Read(ReadOnlySpan<byte> utf8)
    {
        var cursor = TomlCursor.Open(utf8);
        var root = new TomlTable(new(1, 1), TableOrigin.Header);
        var table = root;
        while (true)
        {
            cursor.SkipLines();
            if (cursor.AtEnd)
                return root;
            if (cursor.Peek() == '[')
                table = ReadHeader(cursor, root);
            else
                TomlValues.ReadPair(cursor, table, depth: 0);
            EndLine(cursor);
        }
    }

    static TomlTable ReadHeader(TomlCursor cursor, TomlTable root)
    {
        var several = cursor.Sees("[[");
        cursor.Skip(several ? 2 : 1);
        var key = TomlKeys.Read(cursor);
        var closing = several ? "]]" : "]";
        if (!cursor.Sees(closing))
            throw cursor.Fail($"{closing} is missing here, where {cursor.Here()} stands");
        cursor.Skip(closing.Length);
        return several ? TomlDefinitions.AppendTable(root, key) : TomlDefinitions.OpenTable(root, key);
    }

    static void EndLine(TomlCursor cursor)
    {
        cursor.SkipBlanks();
        cursor.SkipComment();
        if (!cursor.AtEnd && !cursor.TakeNewline())
            throw cursor.Fail($"the line should end here, where {cursor.Here()} stands");
    }
}
