using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Watches;

namespace ReactorJobs.Events.Changes;

/// <summary>
/// One connection to the slot of a watch, from its opening to its end. Changes are taken in in groups: what has arrived while the group before was
/// committed, up to a bound, also in the middle of a long transaction. The server is told what it need not send again when that is committed here, and
/// not before; while nothing comes, that there is nothing.
/// </summary>
public sealed class ChangeStream(Watch watch, WatchedServer server, ChangeIntake intake, TimeProvider time)
{
    /// <summary>Of a group; a message carries as many.</summary>
    const int MostChanges = StartRun.MaxStarts;
    const int MostBytes = 1 << 20;

    /// <summary>How often the server is told how far we are; it counts on hearing from us.</summary>
    static readonly TimeSpan StatusPeriod = TimeSpan.FromSeconds(1);

    readonly List<RowChange> group = [];
    int bytes;
    NpgsqlLogSequenceNumber done;
    ChangePosition taken;

    /// <summary>Milliseconds; 0 is nothing that waits. Another thread asks.</summary>
    long waitingSince;

    /// <summary>When the oldest change was committed that has arrived and is not taken in; null is none.</summary>
    public DateTimeOffset? WaitingSince => Volatile.Read(ref waitingSince) is > 0 and var since ? DateTimeOffset.FromUnixTimeMilliseconds(since) : null;

    /// <summary>Reads until it is told to stop, or something fails.</summary>
    /// <param name="streaming">Is called when the slot is ours.</param>
    public async Task Run(Func<Task> streaming, CancellationToken stop)
    {
        await using var connection = server.Replication();
        connection.WalReceiverStatusInterval = StatusPeriod;
        await connection.Open(stop);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var options = new PgOutputReplicationOptions([watch.Publication, watch.InsertPublication], PgOutputProtocolVersion.V1, binary: false);
        var messages = connection.StartReplication(new PgOutputReplicationSlot(watch.Slot), options, ending.Token).GetAsyncEnumerator(ending.Token);
        var next = messages.MoveNextAsync().AsTask();
        try
        {
            await IsRefusedOrOurs(next, stop);
            // What the last reader has left is older than all that comes.
            taken = await intake.Resume(watch, stop);
            await streaming();
            await Read(connection, messages, task => next = task, next, stop);
        }
        finally
        {
            // An enumerator is not to be disposed of while it moves.
            await ending.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await messages.DisposeAsync();
        }
    }

    async Task Read(
        LogicalReplicationConnection connection, IAsyncEnumerator<PgOutputReplicationMessage> messages, Action<Task<bool>> moving, Task<bool> next, CancellationToken stop)
    {
        var reader = new ChangeReader(server.Types);
        while (true)
        {
            if (!next.IsCompleted && !reader.IsInTransaction)
                await TakeIn(connection, reader, stop);
            if (!await Next(connection, reader, next, stop))
                return;
            // What the last reader has taken in of a long transaction comes again, and need not be looked up group by group.
            if (await reader.Read(messages.Current, stop) is { } change && !taken.Includes(change))
            {
                group.Add(change);
                bytes += change.Size;
                if (group.Count == 1)
                    Volatile.Write(ref waitingSince, change.CommittedAt.ToUnixTimeMilliseconds());
            }

            if (group.Count >= MostChanges || bytes >= MostBytes)
                await TakeIn(connection, reader, stop);
            moving(next = messages.MoveNextAsync().AsTask());
        }
    }

    /// <summary>A slot that another process reads is refused at once; one that is ours may have nothing to say.</summary>
    async Task IsRefusedOrOurs(Task<bool> first, CancellationToken stop)
    {
        await ((Task)first).WaitAsync(StatusPeriod, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
        if (first.IsCompleted)
            await first;
    }

    /// <summary>Waits for a message; meanwhile the server hears how far we are.</summary>
    async Task<bool> Next(LogicalReplicationConnection connection, ChangeReader reader, Task<bool> next, CancellationToken stop)
    {
        while (!next.IsCompleted)
        {
            await ((Task)next).WaitAsync(StatusPeriod, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.ThrowIfCancellationRequested();
            // What was received is read before it is asked for: a transaction whose end has come since has begun here before.
            var received = connection.LastReceivedLsn;
            if (!next.IsCompleted && !reader.IsInTransaction && group.Count == 0)
                Confirm(connection, received);
        }

        return await next;
    }

    async Task TakeIn(LogicalReplicationConnection connection, ChangeReader reader, CancellationToken stop)
    {
        if (group.Count > 0)
        {
            await intake.Take(watch, group, stop);
            group.Clear();
            bytes = 0;
            Volatile.Write(ref waitingSince, 0);
        }

        // Of a transaction that is taken in to its middle, nothing is confirmed: the server sends it whole, or not at all.
        Confirm(connection, reader.Ended);
    }

    void Confirm(LogicalReplicationConnection connection, NpgsqlLogSequenceNumber until)
    {
        if (until <= done)
            return;
        done = until;
        connection.SetReplicationStatus(until);
    }
}
