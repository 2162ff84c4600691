using Npgsql;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Hosting.Database;

/// <summary>
/// A connection, or a transaction's, on which nobody waits longer than <see cref="Patience"/> for a server that has stopped answering. What takes
/// longer is left behind: it goes on by itself until the server answers, or the driver gives the connection up after half a minute. Nothing is
/// cancelled: the request for it would go to the same server, and a commit that waits for a synchronous standby would become visible by it
/// without being safe.
/// </summary>
public sealed class BoundedConnection(NpgsqlDataSource source) : IAsyncDisposable
{
    readonly NpgsqlConnection connection = source.CreateConnection();
    Task latest = Task.CompletedTask;
    bool isOver;
    volatile bool isLeft;

    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>After this time without an answer it is asked whether the server is only slow.</summary>
    public TimeSpan SlowAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Does a part of a transaction. It stays open.</summary>
    /// <param name="isOnlySlow">Whether a server that has not answered in time is worth waiting for; null is never.</param>
    /// <param name="mayRepeat">Whether it is done once more where the connection turns out to be one of a server that has gone: nothing of it was committed.</param>
    /// <exception cref="StoreUnavailable">The server does not answer. What was asked of it may happen all the same.</exception>
    public async Task<T> Do<T>(Func<NpgsqlConnection, Task<T>> work, Func<Task<bool>>? isOnlySlow = null, bool mayRepeat = false)
    {
        var running = OpenAndDo(work, mayRepeat);
        latest = running;
        while (true)
        {
            await ((Task)running).WaitAsync(isOnlySlow is null ? Patience : SlowAfter, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (running.IsCompleted)
                return await running;
            if (isOnlySlow is not null && await isOnlySlow())
                continue;
            isLeft = true;
            throw new StoreUnavailable("The database does not answer.");
        }
    }

    public Task Do(Func<NpgsqlConnection, Task> work) => Do(Result(work));

    /// <summary>Does the last part, which commits, or all of what is no transaction.</summary>
    public Task<T> Finish<T>(Func<NpgsqlConnection, Task<T>> work, Func<Task<bool>>? isOnlySlow = null, bool mayRepeat = false) => Do(async open =>
    {
        var result = await work(open);
        isOver = true;
        return result;
    }, isOnlySlow, mayRepeat);

    public Task Finish(Func<NpgsqlConnection, Task> work) => Finish(Result(work));

    /// <summary>Rolls back what was not finished.</summary>
    public async ValueTask DisposeAsync()
    {
        var ended = End();
        if (!isLeft)
            await ended.WaitAsync(Patience, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    static Func<NpgsqlConnection, Task<bool>> Result(Func<NpgsqlConnection, Task> work) => async open =>
    {
        await work(open);
        return true;
    };

    async Task<T> OpenAndDo<T>(Func<NpgsqlConnection, Task<T>> work, bool mayRepeat)
    {
        try
        {
            if (connection.State == System.Data.ConnectionState.Closed)
                await connection.OpenAsync();
            // Whoever asked has gone on, and may have changed what would be written.
            return isLeft ? throw new StoreUnavailable("Nobody waits any more.") : await work(connection);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            // Whatever is in the pool may lead to the same server; another one takes writes now, or soon will.
            source.Clear();
            throw;
        }
        catch (NpgsqlException exception) when (mayRepeat && !isLeft && IsGone(exception))
        {
            // The server has restarted since it was put into the pool, and so it has for the others there.
            source.Clear();
            await connection.CloseAsync();
            return await OpenAndDo(work, mayRepeat: false);
        }
    }

    static bool IsGone(NpgsqlException exception) => exception is PostgresException refusal
        ? refusal.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or StoreUnavailable.StoodStill
        : exception.InnerException is IOException;

    async Task End()
    {
        if (isLeft)
            await latest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!isOver)
            await ServiceDatabase.RollBack(connection);
        await connection.DisposeAsync();
    }
}
