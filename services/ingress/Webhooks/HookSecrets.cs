using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Ingress.Secrets;
using ReactorJobs.Ingress.Webhooks.Signatures;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>The opened secrets of a hook, or why there are none.</summary>
public readonly record struct OpenedSecrets(IReadOnlyList<string> Values, string? Fault);

/// <summary>
/// The secrets of webhooks' senders: a trigger has its own, names those of the org (<c>vault:path</c>) or of this process's environment
/// (<c>{{ env NAME }}</c>), or leaves it to the installation's <c>webhook_secret</c>.
/// </summary>
/// <param name="environment">Gives the value of a variable, null where it is not set.</param>
public sealed class HookSecrets(SecretStore store, SecretCipher cipher, IngressOptions options, Func<string, string?> environment)
{
    const string Vault = "vault:";

    /// <exception cref="InvalidOperationException">There is no key: <see cref="SecretCipher.CanSeal"/>.</exception>
    public SealedSecret? Seal(string orgId, string triggerId, IReadOnlyCollection<string>? secrets) =>
        secrets is not { Count: > 0 } ? null : cipher.Seal(orgId, Place(triggerId), JsonSerializer.Serialize(secrets));

    /// <summary>What the secrets are sealed for. No path of an org's own secret has a colon.</summary>
    public static string Place(string triggerId) => "hook:" + triggerId;

    public async Task<OpenedSecrets> Open(HookRow hook, CancellationToken stop)
    {
        if (hook.Verification is null)
            return new([], null);
        if (hook.Secrets is null)
            return await Find(hook.OrgId, hook.Verification.Type, [], stop);
        return cipher.TryOpen(hook.OrgId, Place(hook.TriggerId), hook.Secrets, out var text)
            ? await Find(hook.OrgId, hook.Verification.Type, JsonSerializer.Deserialize<string[]>(text)!, stop)
            : Missing("its secret cannot be read: the key that it is encrypted under is not configured any more");
    }

    /// <summary>What the given texts stand for. One that is not there keeps those beside it from nothing.</summary>
    public async Task<OpenedSecrets> Find(string orgId, string type, IReadOnlyCollection<string> given, CancellationToken stop)
    {
        if (given.Count == 0)
            return options.WebhookSecret is { } own ? Checked(type, [own], null) : Missing("it names no secret, and the installation has none (jobs.webhook_secret)");
        var paths = given.Where(IsInVault).Select(x => x[Vault.Length..]).ToArray();
        var resolved = paths.Length == 0 ? null : await store.Resolve(orgId, paths, stop);
        var (values, faults) = (new List<string>(), new List<string>());
        foreach (var text in given)
        {
            var (value, fault) = IsInVault(text)
                ? (resolved!.Values.GetValueOrDefault(text[Vault.Length..]), $"there is no secret \"{text[Vault.Length..]}\" that can be read; set it with: reactor secrets set {text[Vault.Length..]}")
                : VariableOf(text) is { } name ? (environment(name), $"the environment variable {name} is not set where the ingress runs")
                : (text, "");
            if (string.IsNullOrEmpty(value))
                faults.Add(fault);
            else
                values.Add(value);
        }

        return Checked(type, values, faults.FirstOrDefault());
    }

    static OpenedSecrets Checked(string type, IReadOnlyList<string> values, string? fault)
    {
        var usable = values.Where(x => SignatureCheck.Key(type, x) is not null).ToArray();
        if (usable.Length < values.Count)
            fault ??= $"a secret of the type {WebhookSchemes.StandardWebhooks} must be whsec_ and Base64";
        return new(usable, fault);
    }

    static bool IsInVault(string text) => text.StartsWith(Vault, StringComparison.Ordinal);

    static string? VariableOf(string text) => text.StartsWith("{{", StringComparison.Ordinal) ? text.Trim('{', '}', ' ')["env".Length..].Trim() : null;

    static OpenedSecrets Missing(string reason) => new([], reason);
}
