using Npgsql;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Embedded;

/// <summary>The suite's own database as the one that triggers watch which name none, unless the settings name another one so.</summary>
static class OwnDatabase
{
    const string Name = "default";

    public static IReadOnlyList<WatchedDatabaseSettings> AddTo(IReadOnlyList<WatchedDatabaseSettings> named, string server, string org) =>
        named.Any(x => x.Name == Name) ? named : [.. named, new() { Name = Name, Connection = ConnectionOf(server), Orgs = [org] }];

    /// <summary>The same for a process of its own.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Variables(IReadOnlyList<WatchedDatabaseSettings> named, string server, string org)
    {
        if (named.Any(x => x.Name == Name))
            yield break;
        yield return new("REACTOR_JOBS__DATA__DATABASES__DEFAULT__CONNECTION", ConnectionOf(server));
        yield return new("REACTOR_JOBS__DATA__DATABASES__DEFAULT__ORGS", org);
    }

    static string ConnectionOf(string server) => new NpgsqlConnectionStringBuilder(server) { Database = new DatabaseOptions(server).Database }.ConnectionString;
}
