using System.Collections.Concurrent;
using System.Net.Sockets;
using Npgsql;
using ReactorJobs.Tests.Torture.Checking;
using ReactorJobs.Tests.Torture.Suites;

namespace ReactorJobs.Tests.Torture.Trials;

/// <summary>Holds the jobs' counters against their runs while the trial goes on: what is miscounted for a while may be even at the end.</summary>
sealed class CounterWatch(TorturedSuite suite, TimeProvider time) : IAsyncDisposable
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300);

    // One statement has one snapshot. Runs that have ended count nowhere, and are by far the most.
    const string Sql =
        """
        select l.org_id, l.job, l.due, l.running, coalesce(r.due, 0), coalesce(r.running, 0)
          from scheduler.job_load l
          left join (select org_id, job, count(*) filter (where status = 'running' or (status = 'pending' and due)) as due, count(*) filter (where status = 'running') as running
                       from scheduler.run where status in ('pending', 'running') group by 1, 2) r using (org_id, job)
         where l.job <> '' and (l.due, l.running) <> (coalesce(r.due, 0), coalesce(r.running, 0))
        """;

    readonly CancellationTokenSource over = new();
    readonly ConcurrentQueue<Miscount> found = new();
    Task? watching;
    int looks;

    public IReadOnlyList<Miscount> Found => [.. found];

    /// <summary>How often it has looked.</summary>
    public int Looks => Volatile.Read(ref looks);

    public void Begin() => watching = Task.Run(Watch);

    async Task Watch()
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                await using var database = await suite.OpenDatabase();
                await using var command = new NpgsqlCommand(Sql, database);
                while (true)
                {
                    await Look(command);
                    await Task.Delay(BetweenLooks, time, over.Token);
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or IOException or SocketException)
            {
                // PostgreSQL is one of those that are hit; it comes back.
                await Task.Delay(BetweenLooks, time, CancellationToken.None);
            }
        }
    }

    async Task Look(NpgsqlCommand command)
    {
        await using var row = await command.ExecuteReaderAsync(over.Token);
        while (await row.ReadAsync(over.Token))
            found.Enqueue(new(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetInt64(4), row.GetInt64(5)));
        Interlocked.Increment(ref looks);
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        if (watching is not null)
            await watching;
        over.Dispose();
    }
}
