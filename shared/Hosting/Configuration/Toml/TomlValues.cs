namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>Values, and keys with their values.</summary>
static class TomlValues
{
    public static void ReadPair(TomlCursor cursor, TomlTable table, int depth)
    {
        var key = TomlKeys.Read(cursor);
        if (!cursor.Take('='))
            throw cursor.Fail($"= is missing after the key, where {cursor.Here()} stands");
        cursor.SkipBlanks();
        TomlDefinitions.Put(table, key, Read(cursor, depth));
    }

    static TomlValue Read(TomlCursor cursor, int depth)
    {
        if (depth > TomlCursor.DeepestNesting)
            throw cursor.Fail($"values are nested deeper than {TomlCursor.DeepestNesting}");
        var at = cursor.Position;
        return cursor.Peek() switch
        {
            '"' or '\'' => new TomlString(at, TomlStrings.Read(cursor)),
            '[' => ReadArray(cursor, depth),
            '{' => ReadInlineTable(cursor, depth),
            _ => TomlScalars.Read(at, TakeWord(cursor)),
        };
    }

    static TomlArray ReadArray(TomlCursor cursor, int depth)
    {
        var array = new TomlArray(cursor.Position, ofTables: false);
        cursor.Skip(1);
        while (true)
        {
            cursor.SkipLines();
            if (cursor.Take(']'))
                return array;
            if (cursor.AtEnd)
                throw new TomlException(array.At, "the array that begins here is not closed");
            array.Add(Read(cursor, depth + 1));
            cursor.SkipLines();
            if (!cursor.Take(',') && cursor.Peek() != ']')
                throw cursor.AtEnd ? new TomlException(array.At, "the array that begins here is not closed") : cursor.Fail($", or ] is missing here, where {cursor.Here()} stands");
        }
    }

    static TomlTable ReadInlineTable(TomlCursor cursor, int depth)
    {
        var table = new TomlTable(cursor.Position, TableOrigin.Inline);
        cursor.Skip(1);
        cursor.SkipBlanks();
        if (cursor.Take('}'))
            return table;
        while (true)
        {
            ReadPair(cursor, table, depth + 1);
            cursor.SkipBlanks();
            if (cursor.Take('}'))
                return table;
            if (!cursor.Take(','))
                throw cursor.Fail($", or }} is missing here, where {cursor.Here()} stands; a table in braces is in one line");
            cursor.SkipBlanks();
            if (cursor.Peek() == '}')
                throw cursor.Fail("a table in braces ends without a comma");
        }
    }

    static string TakeWord(TomlCursor cursor)
    {
        var word = cursor.TakeWhile(IsOfWord);
        if (word.Length == 0)
            throw cursor.Fail($"a value is missing here, where {cursor.Here()} stands");
        // A date and its time may have a space between them.
        if (word.Length == 10 && TomlTimes.LooksLikeOne(word) && cursor.Peek() == ' ' && cursor.Peek(1) is >= '0' and <= '9')
        {
            cursor.Skip(1);
            word += " " + cursor.TakeWhile(IsOfWord);
        }

        return word;
    }

    static bool IsOfWord(int unit) => !TomlCursor.IsControl(unit) && unit is not (' ' or '\t' or ',' or '[' or ']' or '{' or '}' or '#' or '=' or '"' or '\'');
}
