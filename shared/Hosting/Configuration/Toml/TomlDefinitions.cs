namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>One part of a dotted key.</summary>
readonly record struct TomlKeyPart(string Name, TomlPosition At);

/// <summary>The rules of TOML 1.0 for what may be defined where, and what has been defined already.</summary>
static class TomlDefinitions
{
    /// <summary><c>[a.b]</c></summary>
    public static TomlTable OpenTable(TomlTable root, IReadOnlyList<TomlKeyPart> key)
    {
        var (parent, last) = (Parent(root, key), key[^1]);
        if (!parent.TryGet(last.Name, out var entry))
            return Create(parent, last, TableOrigin.Header);
        if (entry.Value is not TomlTable { Origin: TableOrigin.Implicit } table)
            throw Twice(key, key.Count - 1, entry);
        table.Origin = TableOrigin.Header;
        return table;
    }

    /// <summary><c>[[a.b]]</c></summary>
    public static TomlTable AppendTable(TomlTable root, IReadOnlyList<TomlKeyPart> key)
    {
        var (parent, last) = (Parent(root, key), key[^1]);
        TomlArray array;
        if (parent.TryGet(last.Name, out var entry))
        {
            array = entry.Value as TomlArray is { OfTables: true } tables ? tables : throw Twice(key, key.Count - 1, entry);
        }
        else
        {
            array = new TomlArray(last.At, ofTables: true);
            parent.Add(last.Name, last.At, array);
        }

        var table = new TomlTable(last.At, TableOrigin.Header);
        array.Add(table);
        return table;
    }

    /// <summary><c>a.b = value</c> in a table.</summary>
    public static void Put(TomlTable table, IReadOnlyList<TomlKeyPart> key, TomlValue value)
    {
        for (var i = 0; i < key.Count - 1; i++)
            table = Through(table, key, i);
        if (table.TryGet(key[^1].Name, out var entry))
            throw Twice(key, key.Count - 1, entry);
        table.Add(key[^1].Name, key[^1].At, value);
    }

    // A dotted key defines every table on its way, so it may not lead through what a header has defined.
    static TomlTable Through(TomlTable table, IReadOnlyList<TomlKeyPart> key, int part)
    {
        if (!table.TryGet(key[part].Name, out var entry))
            return Create(table, key[part], TableOrigin.Dotted);
        if (entry.Value is not TomlTable { Origin: TableOrigin.Dotted or TableOrigin.Implicit } next)
            throw Twice(key, part, entry);
        next.Origin = TableOrigin.Dotted;
        return next;
    }

    // A header may lead through everything but what is whole: inline tables and plain arrays. Of an array of tables it means the last.
    static TomlTable Parent(TomlTable table, IReadOnlyList<TomlKeyPart> key)
    {
        for (var i = 0; i < key.Count - 1; i++)
        {
            if (!table.TryGet(key[i].Name, out var entry))
                table = Create(table, key[i], TableOrigin.Implicit);
            else if (entry.Value is TomlTable { Origin: not TableOrigin.Inline } next)
                table = next;
            else if (entry.Value is TomlArray { OfTables: true } array)
                table = (TomlTable)array.Items[^1];
            else
                throw Twice(key, i, entry);
        }

        return table;
    }

    static TomlTable Create(TomlTable parent, TomlKeyPart part, TableOrigin origin)
    {
        var table = new TomlTable(part.At, origin);
        parent.Add(part.Name, part.At, table);
        return table;
    }

    static TomlException Twice(IReadOnlyList<TomlKeyPart> key, int part, TomlEntry entry)
    {
        var name = string.Join('.', key.Take(part + 1).Select(x => x.Name));
        return new(key[part].At, $"{TomlQuote.Of(name)} is already {entry.Value.Kind} (line {entry.At.Line}), which cannot be defined again or added to from here");
    }
}
