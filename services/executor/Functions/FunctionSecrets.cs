using System.Net.Http.Json;
using ReactorJobs.Executor.Runtime;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.Functions;

/// <summary>Opens the secrets that functions name: the ingress keeps them, and tells services only.</summary>
public sealed class FunctionSecrets(InternalCalls calls)
{
    const string Vault = "vault:";

    /// <summary>The environment of a function, with its secrets in clear text.</summary>
    /// <exception cref="FunctionFailure">One is not set, or cannot be opened.</exception>
    public async Task<IReadOnlyDictionary<string, string>> Open(string org, string function, FunctionVariables variables)
    {
        if (variables.Secrets.Count == 0)
            return variables.Env;
        var paths = variables.Secrets.ToDictionary(x => x.Key, x => x.Value[Vault.Length..], StringComparer.Ordinal);
        using var response = await calls.Send(HttpMethod.Post, calls.Ingress, $"/internal/ingress/orgs/{Uri.EscapeDataString(org)}/secrets/resolve",
            JsonContent.Create(new { paths = paths.Values.Distinct() }), CancellationToken.None);
        if (!response.IsSuccessStatusCode)
            throw Failure($"the service that keeps them answered {(int)response.StatusCode}");
        var values = (await response.Content.ReadFromJsonAsync<Resolved>())!.Values;
        var environment = new Dictionary<string, string>(variables.Env, StringComparer.Ordinal);
        foreach (var (name, path) in paths)
            environment[name] = values.GetValueOrDefault(path) ?? throw Failure($"there is no secret \"{path}\", which {name} names; set it with: reactor secrets set {path}");
        return environment;

        FunctionFailure Failure(string reason) => new(new("SecretError", $"The secrets of the function \"{function}\" could not be opened: {reason}.", "secret_unavailable"));
    }

    sealed record Resolved(Dictionary<string, string> Values);
}
