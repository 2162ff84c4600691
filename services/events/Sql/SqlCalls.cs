using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Events.Sql;

/// <summary>The schema that applications call. Its text is two files for any database: <c>reactor_jobs.sql</c>, and <c>calls.sql</c> after it.</summary>
public static class SqlCalls
{
    public const string Schema = DatabaseOptions.Calls;

    /// <summary>Installs the schema for the role that runs it.</summary>
    public static string Installer() => Text("reactor_jobs.sql") + Calls();

    /// <summary>Installs the functions that are called, also over an older text of them.</summary>
    public static string Calls() => Text("calls.sql");

    static string Text(string file)
    {
        using var reader = new StreamReader(typeof(SqlCalls).Assembly.GetManifestResourceStream(typeof(SqlCalls), file)!);
        return reader.ReadToEnd();
    }
}
