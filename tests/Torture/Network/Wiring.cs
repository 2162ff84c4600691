using System.Net;
using ReactorJobs.Tests.Torture.Suites;

namespace ReactorJobs.Tests.Torture.Network;

/// <summary>All links between the processes: each process has one of its own to each that it speaks to.</summary>
sealed class Wiring(TimeProvider time) : IAsyncDisposable
{
    readonly Dictionary<(string From, string To), Link> links = [];

    public Link Lay(string from, string to, EndPoint target) => links[(from, to)] = new(target, time);

    /// <summary>The links of a process to a peer; <see cref="Names.Peers"/> are all services, in both directions.</summary>
    public IReadOnlyList<Link> Between(string process, string peer) => peer == Names.Peers
        ? [.. links.Where(x => (x.Key.From == process && Names.IsService(x.Key.To)) || (x.Key.To == process && Names.IsService(x.Key.From))).Select(x => x.Value)]
        : [links[(process, peer)]];

    public void Heal()
    {
        foreach (var link in links.Values)
            link.Heal();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var link in links.Values)
            await link.DisposeAsync();
    }
}
