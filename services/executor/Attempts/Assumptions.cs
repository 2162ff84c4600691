namespace ReactorJobs.Executor.Attempts;

/// <summary>
/// What a group may decide on without asking the store, because this executor has written it last. While a lease is this executor's, nobody
/// else writes for its run; so the lease alone has to be compared by the commit, and with it stand its journal and that no newer attempt ended.
/// </summary>
static class Assumptions
{
    /// <summary>Null when something of the group has to be read.</summary>
    public static AttemptSnapshot? For(IReadOnlyList<AttemptItem> items, KnownJournals journals)
    {
        var snapshot = new AttemptSnapshot();
        Dictionary<RunKey, (int Epoch, IReadOnlyList<JournalEntry> Entries)> known = [];
        foreach (var item in items)
            switch (item)
            {
                case FlushOutboxItem:
                    break;
                // An attempt that nothing contests: no lease, and no end of it or a newer one.
                case ClaimItem { Known: { } entries }:
                    if (!known.TryAdd(item.Key, (item.Epoch, entries)))
                        return null;
                    break;
                case CheckpointItem or EndItem { Unclaimed: null }:
                    if (!known.TryGetValue(item.Key, out var run))
                    {
                        if (journals.Held(item.Key) is not { } held)
                            return null;
                        snapshot.Leases[item.Key] = held.Lease;
                        known[item.Key] = run = (held.Lease.Epoch, held.Entries);
                    }

                    if (run.Epoch != item.Epoch)
                        return null;
                    if (item is CheckpointItem checkpoint)
                        Mark(checkpoint.Write.Key);
                    foreach (var key in (item as EndItem)?.Ending.WaitKeys ?? [])
                        Mark(key);
                    break;

                    void Mark(string key)
                    {
                        if (run.Entries.FirstOrDefault(x => x.Key == key) is { } entry)
                            snapshot.Entries[(item.Key, key)] = new(entry.Epoch, entry.DueAt);
                    }
                default:
                    return null;
            }

        return snapshot;
    }
}
