using Npgsql;

namespace ReactorJobs.Hosting.GroupCommit;

/// <summary>The store is away; nothing was lost, and the caller may try again.</summary>
public sealed class StoreUnavailable(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Between two tries of what is not given up.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The server's code for having ended a transaction in which nothing happened, for which the driver has no name.</summary>
    public const string StoodStill = "25P03";

    /// <summary>Holds a message while the database is away: its sender counts it as handed over.</summary>
    public static async Task Outlast(Func<Task> work, TimeProvider time, CancellationToken stop)
    {
        for (; ; )
        {
            try
            {
                await work();
                return;
            }
            catch (StoreUnavailable) when (!stop.IsCancellationRequested)
            {
                await Task.Delay(Pause, time, stop);
            }
        }
    }

    /// <summary>Whether this is the database being away, and no fault of what was asked of it.</summary>
    public static bool IsCauseOf(Exception exception) => exception switch
    {
        // A part of the program itself, which no waiting brings.
        FileNotFoundException or FileLoadException => false,
        StoreUnavailable or TimeoutException or IOException => true,
        // A server that only reads is a standby that is not promoted yet, or a primary that is being replaced.
        // And one that has ended the transaction of a process that stood still would do it now.
        PostgresException postgres => postgres.IsTransient || postgres.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or StoodStill,
        // Without a cause: none of several hosts is known to take writes.
        NpgsqlException npgsql => npgsql.InnerException is not { } cause || npgsql.IsTransient || IsCauseOf(cause),
        // One for each host.
        AggregateException all => all.InnerExceptions.Any(IsCauseOf),
        _ => exception.InnerException is { } inner && IsCauseOf(inner),
    };
}
