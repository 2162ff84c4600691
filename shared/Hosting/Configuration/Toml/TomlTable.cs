using System.Diagnostics.CodeAnalysis;

namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>What brought a table into being; it decides what else may add to it.</summary>
enum TableOrigin
{
    /// <summary>Named on the way to another: <c>a</c> of <c>[a.b]</c>. One header or dotted key may still define it.</summary>
    Implicit,
    Header,
    Dotted,
    /// <summary>Whole from the start.</summary>
    Inline,
}

/// <param name="At">Where the key is written.</param>
public sealed record TomlEntry(string Key, TomlPosition At, TomlValue Value);

/// <summary>Keys and values in the order in which they are written.</summary>
public sealed class TomlTable : TomlValue
{
    readonly Dictionary<string, TomlEntry> byKey = new(StringComparer.Ordinal);
    readonly List<TomlEntry> entries = [];

    internal TomlTable(TomlPosition at, TableOrigin origin) : base(at) => Origin = origin;

    public IReadOnlyList<TomlEntry> Entries => entries;

    public override string Kind => "a table";

    internal TableOrigin Origin { get; set; }

    public bool TryGet(string key, [NotNullWhen(true)] out TomlEntry? entry) => byKey.TryGetValue(key, out entry);

    internal void Add(string key, TomlPosition at, TomlValue value)
    {
        var entry = new TomlEntry(key, at, value);
        byKey.Add(key, entry);
        entries.Add(entry);
    }
}
