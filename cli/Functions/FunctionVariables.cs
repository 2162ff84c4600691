using System.CommandLine;
using System.Text.Json.Nodes;

namespace ReactorJobs.Cli.Functions;

/// <summary><c>--env</c> and <c>--secret</c>: what a function finds in its environment.</summary>
sealed class FunctionVariables
{
    const string Vault = "vault:";

    readonly Option<string[]> env = new("--env") { Description = "A variable; may be given several times.", HelpName = "NAME=VALUE" };
    readonly Option<string[]> secret = new("--secret") { Description = "A variable that holds a secret; may be given several times.", HelpName = "NAME=vault:PATH" };

    public Option[] Options => [env, secret];

    public void Read(ParseResult given, JsonObject body)
    {
        if (Read("--env", given.GetValue(env), _ => null) is { } variables) body["env"] = variables;
        if (Read("--secret", given.GetValue(secret), value => value.StartsWith(Vault, StringComparison.Ordinal) && value.Length > Vault.Length
            ? null
            : "a secret is named by where it lies: NAME=vault:PATH, stored with reactor secrets set PATH") is { } secrets) body["secrets"] = secrets;
    }

    static JsonObject? Read(string option, string[]? given, Func<string, string?> fault)
    {
        if (given is not { Length: > 0 }) return null;
        var variables = new JsonObject();
        foreach (var one in given)
        {
            var equals = one.IndexOf('=', StringComparison.Ordinal);
            // The value is not repeated: it may be what must not be seen.
            if (equals <= 0) throw Failure.Usage($"{option}: NAME=VALUE is expected");
            var (name, value) = (one[..equals], one[(equals + 1)..]);
            if (fault(value) is { } wrong) throw Failure.Usage($"{option} {name}: {wrong}");
            if (!variables.TryAdd(name, value)) throw Failure.Usage($"{option} {name}: given twice");
        }
        return variables;
    }
}
