using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Functions;

static class FunctionRuntime
{
    public const string Bun = "bun";
    public static readonly string[] Names = [Bun, "node"];
}

/// <summary>What a function finds in its environment: plain values, and secrets by where they lie (<c>vault:path</c>).</summary>
public sealed partial record FunctionVariables(IReadOnlyDictionary<string, string> Env, IReadOnlyDictionary<string, string> Secrets)
{
    public const int Most = 100;
    public const int MostBytes = 32 << 10;

    /// <summary>Regular expressions of a name and of a secret's place, without their ends.</summary>
    public const string NameForm = "[A-Za-z_][A-Za-z0-9_]{0,127}";
    public const string VaultForm = "vault:[A-Za-z0-9](?:[A-Za-z0-9._-]|/(?=[A-Za-z0-9])){0,199}";

    // The runtime's own, and what would make it load other code before it is contained.
    public static readonly string[] Reserved = ["REACTOR_", "LD_", "DYLD_"];

    public static readonly FunctionVariables None = new(Empty, Empty);

    static IReadOnlyDictionary<string, string> Empty => new SortedDictionary<string, string>(StringComparer.Ordinal);

    public static FunctionVariables Read(Fields fields) => None.Change(fields);

    /// <summary>The <c>env</c> and <c>secrets</c> that a body names over these; a name with null goes.</summary>
    public FunctionVariables Change(Fields fields)
    {
        var changed = new FunctionVariables(
            Change(Env, fields, "env", value => Encoding.UTF8.GetByteCount(value) > MostBytes
                ? string.Create(CultureInfo.InvariantCulture, $"must have at most {MostBytes:N0} bytes")
                : value.Contains('\0', StringComparison.Ordinal) ? "must not hold a zero character" : null),
            Change(Secrets, fields, "secrets", value => Vault().IsMatch(value) ? null : "must be vault: and a path of letters, digits, . _ / and -, such as vault:jobs/api_key"));
        foreach (var name in changed.Env.Keys.Where(changed.Secrets.ContainsKey))
            fields.Wrong($"secrets/{name}", "is a name of env, too");
        return changed;
    }

    /// <summary>These, and over them the others': one name is one variable, whichever kind it is.</summary>
    public FunctionVariables With(FunctionVariables over)
    {
        static SortedDictionary<string, string> Merge(IReadOnlyDictionary<string, string> below, IReadOnlyDictionary<string, string> over, IReadOnlyDictionary<string, string> hidden)
        {
            var merged = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var (name, value) in below.Where(x => !hidden.ContainsKey(x.Key)).Concat(over))
                merged[name] = value;
            return merged;
        }

        return new(Merge(Env, over.Env, over.Secrets), Merge(Secrets, over.Secrets, over.Env));
    }

    public bool IsSameAs(FunctionVariables other) => Env.SequenceEqual(other.Env) && Secrets.SequenceEqual(other.Secrets);

    static SortedDictionary<string, string> Change(IReadOnlyDictionary<string, string> variables, Fields fields, string field, Func<string, string?> fault)
    {
        var changed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (known, value) in variables)
            changed[known] = value;
        if (fields.Element(field) is not { ValueKind: not JsonValueKind.Null } element)
            return changed;
        if (element.ValueKind != JsonValueKind.Object)
        {
            fields.Wrong(field, "must be an object of names and strings");
            return changed;
        }

        foreach (var property in element.EnumerateObject())
        {
            var name = RequestBody.NameOf(property);
            var at = $"{field}/{name}";
            if (!Form().IsMatch(name))
                fields.Wrong(at, "is a name that must begin with a letter or _ and hold at most 128 of A-Z a-z 0-9 _");
            else if (Reserved.FirstOrDefault(x => name.StartsWith(x, StringComparison.Ordinal)) is { } prefix)
                fields.Wrong(at, $"begins with {prefix}, which is not for functions to set");
            else if (property.Value.ValueKind == JsonValueKind.Null)
                changed.Remove(name);
            else if (property.Value.ValueKind != JsonValueKind.String || !RequestBody.IsText(property.Value))
                fields.Wrong(at, "must be a string");
            else if (fault(property.Value.GetString()!) is { } wrong)
                fields.Wrong(at, wrong);
            else
                changed[name] = property.Value.GetString()!;
        }

        if (changed.Count > Most)
            fields.Wrong(field, $"has {changed.Count} names; at most {Most} are allowed");
        return changed;
    }

    [GeneratedRegex("^" + NameForm + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex("^" + VaultForm + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex Vault();
}
