using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Events.Sql;

/// <summary>The schema that applications call. Its text is one file for any database: see <c>reactor_jobs.sql</c>.</summary>
public static class SqlCalls
{
    public const string Schema = DatabaseOptions.Calls;

    /// <summary>Installs the schema for the role that runs it.</summary>
    public static string Installer()
    {
        using var reader = new StreamReader(typeof(SqlCalls).Assembly.GetManifestResourceStream(typeof(SqlCalls), "reactor_jobs.sql")!);
        return reader.ReadToEnd();
    }
}
