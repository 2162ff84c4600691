using ReactorJobs.Ingress.Orgs;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>Who is called at an address. What was found holds for some seconds, and so long a deleted webhook is answered by other ingresses.</summary>
public sealed class HookRegister(HookStore store, HookSecrets secrets, HookCache cache, DefaultOrg defaultOrg)
{
    public async ValueTask<Hook?> OfToken(string token, CancellationToken stop)
    {
        if (!HookToken.IsPlausible(token))
            return null;
        var hash = HookToken.Hash(token);
        return await cache.Get(Convert.ToHexString(hash), async () => await Open(await store.OfToken(hash, stop), stop));
    }

    /// <param name="path">Below <c>/jobs/v1/hooks/</c>; of another org than the default one it begins with <c>@</c> and the org (semantics 21).</param>
    public async ValueTask<Hook?> OfPath(string path, CancellationToken stop)
    {
        if (HookPath.Read(path) is not { } read || (read.Org ?? await defaultOrg.Get(stop)) is not { } org)
            return null;
        return await cache.Get($"{org}\n{read.Path}", async () => await Open(await store.OfPath(org, read.Path, stop), stop));
    }

    async Task<Hook?> Open(HookRow? row, CancellationToken stop)
    {
        if (row is null)
            return null;
        var opened = await secrets.Open(row, stop);
        return new()
        {
            OrgId = row.OrgId,
            TriggerId = row.TriggerId,
            Job = row.Job,
            Path = row.Path,
            Methods = row.Methods,
            Verification = row.Verification,
            ExpiresAt = row.ExpiresAt,
            Secrets = opened.Values,
            SecretFault = opened.Values.Count == 0 ? opened.Fault : null,
        };
    }
}
