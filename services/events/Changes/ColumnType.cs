namespace ReactorJobs.Events.Changes;

/// <summary>How the value of a column becomes JSON.</summary>
public enum ColumnKind
{
    Text,
    Boolean,
    Number,
    Json,
    Timestamp,
    TimestampWithZone,
}

/// <param name="Element">Of an array.</param>
/// <param name="Delimiter">Between its items.</param>
public sealed record ColumnType(ColumnKind Kind, ColumnType? Element = null, char Delimiter = ',')
{
    public static readonly ColumnType Text = new(ColumnKind.Text);

    public static ColumnType ArrayOf(ColumnType element, char delimiter = ',') => new(ColumnKind.Text, element, delimiter);

    /// <summary>Of the base types that do not become text, by their object identifier, which is the same in every PostgreSQL.</summary>
    public static readonly IReadOnlyDictionary<uint, ColumnType> BuiltIn = new Dictionary<uint, ColumnType>
    {
        [16] = new(ColumnKind.Boolean),
        [20] = new(ColumnKind.Number), // int8
        [21] = new(ColumnKind.Number), // int2
        [23] = new(ColumnKind.Number), // int4
        [700] = new(ColumnKind.Number), // float4
        [701] = new(ColumnKind.Number), // float8
        [1700] = new(ColumnKind.Number), // numeric
        [114] = new(ColumnKind.Json), // json
        [3802] = new(ColumnKind.Json), // jsonb
        [1114] = new(ColumnKind.Timestamp),
        [1184] = new(ColumnKind.TimestampWithZone),
    };
}

/// <summary>What the catalogue of a database says of a type.</summary>
/// <param name="Kind"><c>pg_type.typtype</c>: <c>b</c>, <c>c</c>, <c>d</c>, <c>e</c>, ...</param>
/// <param name="IsArray">A true array, whatever its items.</param>
/// <param name="Element">Of an array.</param>
/// <param name="Base">Of a domain.</param>
/// <param name="Delimiter">That the type has in arrays of it.</param>
public sealed record CatalogueType(uint Id, char Kind, bool IsArray, uint Element, uint Base, char Delimiter)
{
    /// <summary>Domains are their base type, arrays have the items that they have, and what is not known is text.</summary>
    public static ColumnType Resolve(uint id, IReadOnlyDictionary<uint, CatalogueType> catalogue)
    {
        // Domains over domains end: the server does not let them be circular.
        while (!ColumnType.BuiltIn.ContainsKey(id) && catalogue.TryGetValue(id, out var domain) && domain.Kind == 'd')
            id = domain.Base;
        if (ColumnType.BuiltIn.TryGetValue(id, out var known))
            return known;
        return catalogue.TryGetValue(id, out var type) && type.IsArray
            ? ColumnType.ArrayOf(Resolve(type.Element, catalogue), catalogue.TryGetValue(type.Element, out var element) ? element.Delimiter : ',')
            : ColumnType.Text;
    }
}
