using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Attempts;

/// <summary>
/// What a group knows of each of its runs while it decides: it begins as the snapshot and follows the decisions, so that later items see
/// what earlier ones did.
/// </summary>
sealed class AttemptGroup(AttemptSnapshot snapshot)
{
    readonly Dictionary<RunKey, RunView> views = [];

    public RunView this[RunKey key]
    {
        get
        {
            if (!views.TryGetValue(key, out var view))
                views[key] = view = new(key, snapshot);
            return view;
        }
    }

    public void AddLeases(AttemptChanges changes)
    {
        foreach (var view in views.Values.OrderBy(static x => x.Key))
            if (view.Lease != view.LeaseBefore)
            {
                if (view.Lease is { } lease)
                    changes.Claimed.Add(lease);
                else
                    changes.Freed.Add((view.Key, view.LeaseBefore!.Epoch));
            }
    }

    public static AttemptQuery QueryFor(IReadOnlyList<AttemptItem> items)
    {
        var query = new AttemptQuery();
        foreach (var item in items)
        {
            if (item is FlushOutboxItem)
                continue;
            query.Orgs.Add(item.Key.OrgId);
            query.Leases.Add(item.Key);
            switch (item)
            {
                case ClaimItem claim:
                    query.Latest[item.Key] = item.Epoch;
                    if (claim.Known is not null)
                        break;
                    query.Journals.Add(item.Key);
                    if (claim.Command.Shares is { } shared)
                        query.Journals.Add(new(item.Key.OrgId, shared));
                    break;
                case CheckpointItem checkpoint:
                    query.Entries.Add((item.Key, checkpoint.Write.Key));
                    break;
                case EndItem end:
                    query.Latest[item.Key] = Math.Max(item.Epoch, query.Latest.GetValueOrDefault(item.Key));
                    foreach (var key in end.Ending.WaitKeys ?? [])
                        query.Entries.Add((item.Key, key));
                    break;
                case CancelItem:
                    query.Latest[item.Key] = Math.Max(item.Epoch, query.Latest.GetValueOrDefault(item.Key));
                    break;
            }
        }

        return query;
    }
}

sealed class RunView(RunKey key, AttemptSnapshot snapshot)
{
    Dictionary<string, EntryMark>? written;
    List<JournalEntry>? added;

    public RunKey Key => key;
    public Lease? LeaseBefore { get; } = snapshot.Leases.GetValueOrDefault(key);
    public Lease? Lease { get; set; } = snapshot.Leases.GetValueOrDefault(key);
    public EndedAttempt? Latest { get; private set; } = snapshot.Latest.GetValueOrDefault(key);

    /// <summary>Of the journal as far as the group has changed it; the engine knows the rest.</summary>
    public long AddedBytes { get; private set; }

    public EntryMark? Journaled(string entry) =>
        written is not null && written.TryGetValue(entry, out var mark) ? mark
        : snapshot.Entries.TryGetValue((key, entry), out mark) ? mark
        : null;

    public IReadOnlyList<JournalEntry> Journal()
    {
        var before = snapshot.Journals.GetValueOrDefault(key);
        return added is null ? before ?? [] : [.. before ?? [], .. added];
    }

    public void Add(JournalEntry entry)
    {
        (written ??= [])[entry.Key] = new(entry.Epoch, entry.DueAt);
        (added ??= []).Add(entry);
        AddedBytes += entry.Bytes;
    }

    public void End(EndedAttempt ended)
    {
        if (Lease?.Epoch <= ended.Epoch)
            Lease = null;
        if (Latest is null || Latest.Epoch < ended.Epoch)
            Latest = ended;
    }

    public IReadOnlyList<WaitCondition>? Waits(Ending ending) => ending.WaitKeys is { } keys
        ? [.. keys.Select(x => new WaitCondition(WaitCondition.Time, x, Journaled(x)!.Value.DueAt!.Value))]
        : null;
}
