using System.Collections.Frozen;
using System.Net.Http.Json;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Events.Orgs;

/// <summary>
/// Which orgs there are, as the ingress says. What is known is not asked again; what is not known is looked up after it was asked for, so that an
/// org made a moment ago is found. Many who ask at once share one look.
/// </summary>
public sealed class KnownOrgs(InternalCalls calls, TimeProvider time) : IDisposable
{
    readonly SemaphoreSlim looking = new(1);
    FrozenSet<string> known = [];
    long? lookedAt;

    public async ValueTask<bool> Has(string orgId, CancellationToken stop)
    {
        if (known.Contains(orgId))
            return true;
        var asked = time.GetTimestamp();
        await looking.WaitAsync(stop);
        try
        {
            if (!known.Contains(orgId) && !(lookedAt > asked))
                await Look(stop);
            return known.Contains(orgId);
        }
        finally
        {
            looking.Release();
        }
    }

    async Task Look(CancellationToken stop)
    {
        var began = time.GetTimestamp();
        using var response = await calls.Send(HttpMethod.Get, calls.Ingress, "/internal/ingress/orgs", null, stop);
        if (!response.IsSuccessStatusCode)
            throw new Hosting.GroupCommit.StoreUnavailable($"The ingress answered {(int)response.StatusCode}.");
        known = (await response.Content.ReadFromJsonAsync<string[]>(stop))!.ToFrozenSet(StringComparer.Ordinal);
        lookedAt = began;
    }

    public void Dispose() => looking.Dispose();
}
