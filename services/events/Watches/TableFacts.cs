using ReactorJobs.Contracts;
using ReactorJobs.Events.Changes;
using ReactorJobs.Hosting;

namespace ReactorJobs.Events.Watches;

/// <summary>What a database says of a table that is to be watched.</summary>
/// <param name="WalLevel">The server's.</param>
/// <param name="Kind"><c>pg_class.relkind</c>; null where there is no such table.</param>
/// <param name="Persistence"><c>pg_class.relpersistence</c>.</param>
/// <param name="Root">Of a partition: the table that it is a part of.</param>
/// <param name="IsInternal">It belongs to PostgreSQL or to the suite.</param>
/// <param name="MayPublish">The role owns it.</param>
/// <param name="Near">Tables with names like it, where there is none.</param>
public sealed record TableFacts(
    string WalLevel, string Role, char? Kind, char Persistence, string? Root, bool IsInternal, bool MayPublish, IReadOnlyList<TableColumn> Columns, IReadOnlyList<string> Near)
{
    /// <summary>Whether the server can tell which row an update or a delete was of.</summary>
    public bool HasIdentity => Columns.Any(x => x.IsIdentity);

    /// <summary>What keeps it from being watched, with the field of the trigger that is to be changed; null is nothing.</summary>
    public (string Field, string Detail)? Flaw(TableName table, IReadOnlyList<string> operations, ChangeCondition? when)
    {
        if (Kind is null)
            return ("table", $"{table} is not a table of the database{Instead(table.ToString(), Near)}");
        if (IsInternal)
            return ("table", $"{table} belongs to the suite or to PostgreSQL itself, and is not to be watched");
        if (WalLevel != "logical")
            return ("database", $"its server has wal_level = {WalLevel}, and changes are sent with wal_level = logical only: set that (ALTER SYSTEM SET wal_level = logical) and restart the server");
        if (Root is not null)
            return ("table", $"{table} is a partition: watch {Root}, of which it is a part");
        if (Kind is not ('r' or 'p'))
            return ("table", $"{table} is {KindName(Kind.Value)}; only tables are watched");
        if (Persistence != 'p')
            return ("table", $"{table} is {(Persistence == 't' ? "temporary" : "unlogged")}: its changes are not in the write-ahead log, from which they are read");
        if (!MayPublish)
            return ("table", $"the role \"{Role}\" may not publish {table}: it has to own it, or be a member of the role that does");
        if (!HasIdentity && operations.Any(x => x != Operations.Insert))
            return ("events", $"{table} has no primary key, so an update or a delete cannot tell its row: add one, or ALTER TABLE {table} REPLICA IDENTITY FULL; inserts alone can be watched as it is");
        return when?.Names.Select(x => ColumnFlaw(table, x.Row, x.Column)).FirstOrDefault(x => x is not null);
    }

    (string Field, string Detail)? ColumnFlaw(TableName table, string row, string name)
    {
        var column = Columns.FirstOrDefault(x => x.Name == name);
        return column switch
        {
            null => ($"when/{row}/{name}", $"is not a column of {table}{Instead(name, Columns.Select(x => x.Name))}"),
            { IsGenerated: true } => ($"when/{row}/{name}", "is a generated column, which is not sent"),
            { IsIdentity: false } when row == "old" => ($"when/{row}/{name}", $"the old row has the columns of the key only: ALTER TABLE {table} REPLICA IDENTITY FULL has the others sent, too"),
            _ => null,
        };
    }

    static string Instead(string word, IEnumerable<string> names) =>
        names.Where(x => Spelling.Near(word, x) || string.Equals(word, x, StringComparison.OrdinalIgnoreCase)).MinBy(x => Spelling.Distance(word, x)) is { } near ? $"; did you mean {near}?" : "";

    static string KindName(char kind) => kind switch
    {
        'v' => "a view",
        'm' => "a materialized view",
        'f' => "a foreign table",
        'S' => "a sequence",
        _ => "no table",
    };
}

/// <param name="IsIdentity">Part of what the server sends of the old row.</param>
public sealed record TableColumn(string Name, bool IsIdentity, bool IsGenerated);
