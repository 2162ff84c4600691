using System.Net.Sockets;
using Npgsql;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Events.Watches;

/// <summary>What a watched database refuses, said so that its owner knows what to do; without any part of the connection string.</summary>
public static class WatchProblem
{
    public const string Unreachable = "watched_database_unavailable";
    public const string Refused = "watched_database_refused";

    public static ProblemException For(string database, Exception exception) => IsRefusal(exception)
        ? new(new(409, Refused, $"The database \"{database}\" refuses it: {Explain(exception)}."))
        : new(new(503, Unreachable, $"The database \"{database}\" cannot be watched now: {Explain(exception)}.") { RetryAfterSeconds = 5 });

    /// <summary>Whether somebody has to change something before it can work.</summary>
    public static bool IsRefusal(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ConfigurationLimitExceeded or PostgresErrorCodes.ObjectNotInPrerequisiteState
            or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.UndefinedTable,
    };

    /// <summary>Of which nothing is left: what the slot or its publications were to send.</summary>
    public static bool IsLoss(PostgresException exception) => exception.SqlState is PostgresErrorCodes.UndefinedObject
        || (exception.SqlState == PostgresErrorCodes.ObjectNotInPrerequisiteState && (exception.MessageText.Contains("slot", StringComparison.Ordinal) && !exception.MessageText.Contains("wal_level", StringComparison.Ordinal)));

    public static string Explain(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
            $"{refused.MessageText}; its role needs REPLICATION (ALTER ROLE … REPLICATION), CREATE on the database, and to own the tables",
        PostgresException { SqlState: PostgresErrorCodes.ConfigurationLimitExceeded } refused => $"{refused.MessageText}; raise max_replication_slots and max_wal_senders, and restart the server",
        PostgresException { SqlState: PostgresErrorCodes.ObjectNotInPrerequisiteState } refused when refused.MessageText.Contains("wal_level", StringComparison.Ordinal) =>
            "its server has a wal_level other than logical: ALTER SYSTEM SET wal_level = logical, and restart the server",
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable } =>
            "a transaction has been open there for long, and its end is waited for: try again when it has ended (pg_stat_activity shows it by xact_start)",
        PostgresException { SqlState: PostgresErrorCodes.ObjectInUse } => "its slot is read by another process",
        PostgresException refused => $"{refused.SqlState}: {refused.MessageText}",
        OperationCanceledException or TimeoutException => "it takes too long to answer",
        _ when exception.InnerException is SocketException socket => $"it cannot be reached ({socket.SocketErrorCode})",
        NpgsqlException { InnerException: TimeoutException } => "it takes too long to answer",
        NpgsqlException => "its connection was lost, or could not be made",
        _ => exception.Message,
    };
}
