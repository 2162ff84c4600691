using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Dispatch;

static class SlotPools
{
    /// <summary>Slots that serve the same handlers of one org are one pool, whoever holds them.</summary>
    public static IReadOnlyList<SlotPool> Of(IEnumerable<(string OrgId, string[] Handlers, int Slots)> hosts) =>
    [
        .. hosts.GroupBy(x => (x.OrgId, Set: string.Join('\n', x.Handlers)))
            .OrderBy(x => x.Key.OrgId, StringComparer.Ordinal).ThenBy(x => x.Key.Set, StringComparer.Ordinal)
            .Select(x => new SlotPool(x.Key.OrgId, x.First().Handlers, x.Sum(host => host.Slots))),
    ];
}
