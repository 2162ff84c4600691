using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;

namespace ReactorJobs.Tests.Simulation.Workers;

/// <summary>An entry of the journal as the <c>run</c> frame brings it.</summary>
public sealed record KnownEntry(RawJson Output, DateTimeOffset? DueAt, bool Done);

/// <summary>What the executor says to a worker (docs/worker-protocol.md).</summary>
public abstract record ToWorker
{
    public sealed record Run(LiveAttempt Attempt) : ToWorker
    {
        /// <summary>Written when the frame leaves, not when it is posted.</summary>
        public IReadOnlyDictionary<string, KnownEntry> Entries { get; private set; } = new Dictionary<string, KnownEntry>();

        public void Write(TimeProvider time) => Entries = Attempt.Journal.ToDictionary(x => x.Key, x => new KnownEntry(x.Output, x.DueAt, x.IsDone(Attempt.Now(time))));
    }

    public sealed record Abort(RunId RunId, int Epoch, string Reason) : ToWorker;

    public sealed record Answer(long Id, Verdict Verdict, bool Unavailable) : ToWorker;
}

/// <summary>What a worker says to its executor.</summary>
public abstract record ToExecutor
{
    public sealed record Checkpoint(long Id, RunId RunId, int Epoch, CheckpointWrite Write) : ToExecutor;

    public sealed record End(long Id, RunId RunId, int Epoch, Ending Ending) : ToExecutor;

    public sealed record Drain : ToExecutor;
}
