using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Events.Watches;

/// <summary>A database that orgs may watch, as the settings name it.</summary>
/// <param name="Schemas">Of the tables that may be watched; empty is all.</param>
/// <param name="WarnBytes">Of write-ahead log that may be kept for the slot before there is a warning.</param>
public sealed record WatchedDatabase(string Name, string Connection, IReadOnlyList<string> Orgs, IReadOnlyList<string> Schemas, long WarnBytes)
{
    public static WatchedDatabase From(WatchedDatabaseSettings settings) =>
        new(settings.Name, settings.Connection!, settings.Orgs, settings.Schemas, (long)settings.WarnWalMb << 20);

    public bool MayWatch(string schema) => Schemas.Count == 0 || Schemas.Contains(schema);

    /// <summary>Never with its connection, which has a password.</summary>
    public override string ToString() => Name;
}

/// <summary>What may be watched, and by whom. One that is not the org's is to it as if it were not there.</summary>
public sealed class WatchedDatabases(IReadOnlyList<WatchedDatabase> all)
{
    /// <summary>That of a trigger which names none.</summary>
    public const string Default = "default";

    public WatchedDatabase? Find(string orgId, string name) => all.FirstOrDefault(x => x.Name == name && x.Orgs.Contains(orgId));

    public IReadOnlyList<string> Names(string orgId) => [.. all.Where(x => x.Orgs.Contains(orgId)).Select(x => x.Name).Order(StringComparer.Ordinal)];
}
