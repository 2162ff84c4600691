namespace ReactorJobs.Executor.Attempts;

/// <summary>
/// The journals of the attempts that run here, and of those that have suspended here lately: such a run can go on without asking the store,
/// because nobody writes for it while it sleeps. What is large or uncertain is not kept.
/// </summary>
public sealed class KnownJournals
{
    const long LargestJournal = 16 << 10;
    const long MostSuspended = 16 << 20;

    /// <summary>What an entry costs beside its bytes.</summary>
    const long EntryOverhead = 256;

    readonly Lock gate = new();
    readonly Dictionary<RunKey, Journal> running = [];
    readonly Dictionary<RunKey, LinkedListNode<Suspended>> suspended = [];
    readonly LinkedList<Suspended> oldestFirst = [];
    long suspendedBytes;

    /// <summary>What the run's journal counts towards its limit; 0 for one that does not run here.</summary>
    public long BytesOf(RunKey key)
    {
        lock (gate)
            return running.TryGetValue(key, out var journal) ? journal.Bytes : 0;
    }

    /// <summary>The lease and the whole journal of an attempt that runs here; null where either is not known for certain.</summary>
    public (Lease Lease, IReadOnlyList<JournalEntry> Entries)? Held(RunKey key)
    {
        lock (gate)
            return running.TryGetValue(key, out var journal) && journal is { Lease: { } lease, Entries: { } entries } ? (lease, entries) : null;
    }

    /// <param name="lease">Null when it is gone already, or not known.</param>
    public void Begin(RunKey key, int epoch, IReadOnlyList<JournalEntry> entries, Lease? lease = null)
    {
        lock (gate)
        {
            running[key] = new(epoch) { Lease = lease };
            Add(running[key], entries);
        }
    }

    /// <summary>A commit of the run's may have happened, or not: from now on only the store knows.</summary>
    public void Distrust(RunKey key)
    {
        lock (gate)
            if (running.TryGetValue(key, out var journal))
                journal.Lease = null;
    }

    public void Add(RunKey key, JournalEntry entry)
    {
        lock (gate)
            if (running.TryGetValue(key, out var journal))
                Add(journal, [entry]);
    }

    /// <summary>An entry is stored that was not seen being written: only the store knows the whole.</summary>
    public void Doubt(RunKey key)
    {
        lock (gate)
            if (running.TryGetValue(key, out var journal))
                journal.Entries = null;
    }

    /// <summary>The run's attempt is over here; what it left is known only where that attempt is the newest one, and it ended by suspending.</summary>
    public void End(RunKey key, EndedAttempt? newest)
    {
        lock (gate)
        {
            if (!running.Remove(key, out var journal) || journal.Entries is not { } entries
                || newest?.Epoch != journal.Epoch || newest.Ending.Outcome != Contracts.AttemptOutcomes.Suspended)
                return;
            Forget(key);
            suspended[key] = oldestFirst.AddLast(new Suspended(key, newest.Epoch, entries, journal.Bytes + (entries.Count * EntryOverhead)));
            suspendedBytes += suspended[key].Value.Bytes;
            while (suspendedBytes > MostSuspended)
                Forget(oldestFirst.First!.Value.Key);
        }
    }

    /// <summary>The journal of a run whose newest attempt suspended here, once; null when it is not known.</summary>
    public IReadOnlyList<JournalEntry>? TakeSuspended(RunKey key, int epoch)
    {
        lock (gate)
            return suspended.TryGetValue(key, out var node) && Forget(key) && node.Value.Epoch == epoch ? node.Value.Entries : null;
    }

    static void Add(Journal journal, IReadOnlyList<JournalEntry> entries)
    {
        foreach (var entry in entries)
        {
            journal.Bytes += entry.Bytes;
            journal.Entries?.Add(entry);
        }

        if (journal.Bytes > LargestJournal)
            journal.Entries = null;
    }

    bool Forget(RunKey key)
    {
        if (!suspended.Remove(key, out var node))
            return false;
        oldestFirst.Remove(node);
        suspendedBytes -= node.Value.Bytes;
        return true;
    }

    sealed class Journal(int epoch)
    {
        public int Epoch => epoch;
        public Lease? Lease { get; set; }
        public long Bytes { get; set; }
        public List<JournalEntry>? Entries { get; set; } = [];
    }

    sealed record Suspended(RunKey Key, int Epoch, IReadOnlyList<JournalEntry> Entries, long Bytes);
}
