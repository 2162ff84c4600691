using System.Text;
using ReactorJobs.Hosting.Configuration.Toml;

namespace ReactorJobs.Cli.Connection;

/// <summary>A suite under a name.</summary>
/// <param name="Url">Null for this machine's.</param>
sealed record Context(string Name, string? Url, string? Token, string? Org);

/// <summary>The contexts of a person, in <c>~/.reactor/config.toml</c>, which nobody else may read.</summary>
sealed class Contexts
{
    const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    readonly string? file;
    readonly SortedDictionary<string, Context> all = new(StringComparer.Ordinal);
    string? current;

    Contexts(string? file) => this.file = file;

    public IReadOnlyCollection<Context> All => all.Values;

    /// <summary>The one that commands go to; none where none was chosen.</summary>
    public Context? InUse => current is { } name ? Find(name) : null;

    public Context? Find(string name) => all.GetValueOrDefault(name);

    public void Use(string? name) => current = name;

    public void Keep(Context context) => all[context.Name] = context;

    public void Delete(string name)
    {
        all.Remove(name);
        if (current == name) current = null;
    }

    public static Contexts Read(Func<string, string?> environment)
    {
        var home = environment("HOME") ?? environment("USERPROFILE");
        var contexts = new Contexts(string.IsNullOrEmpty(home) ? null : Path.Combine(home, ".reactor", "config.toml"));
        if (contexts.file is not { } file || !File.Exists(file)) return contexts;
        try
        {
            contexts.Fill(TomlDocument.Read(File.ReadAllBytes(file)));
            return contexts;
        }
        catch (TomlException e)
        {
            throw new Failure(ExitCode.Failed, $"{file}:{e.At.Line}:{e.At.Column}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot read {file}: {e.Message}");
        }
    }

    /// <summary>What is not known is refused: the next change would drop it.</summary>
    void Fill(TomlTable root)
    {
        foreach (var entry in root.Entries)
        {
            if (entry is { Key: "current", Value: TomlString name }) current = name.Text;
            else if (entry is { Key: "contexts", Value: TomlTable named })
                foreach (var context in named.Entries) Keep(Read(context));
            else throw Unknown(entry);
        }
        if (current is not null && InUse is null)
            throw new Failure(ExitCode.Failed, $"{file}: the current context is {current}, which is not there", "reactor context use NAME chooses another");
    }

    static Context Read(TomlEntry entry)
    {
        var context = new Context(entry.Key, null, null, null);
        foreach (var field in entry.Value is TomlTable table ? table.Entries : throw Unknown(entry))
        {
            context = field switch
            {
                { Key: "url", Value: TomlString url } => context with { Url = url.Text },
                { Key: "token", Value: TomlString token } => context with { Token = token.Text },
                { Key: "org", Value: TomlString org } => context with { Org = org.Text },
                _ => throw Unknown(field),
            };
        }
        return context;
    }

    static TomlException Unknown(TomlEntry entry) => new(entry.At, $"{Output.Printable.Line(entry.Key)} as {entry.Value.Kind} is not known here");

    /// <summary>Written beside and moved: a reader sees no half of it, and never one that others may read.</summary>
    public void Save()
    {
        if (file is null) throw new Failure(ExitCode.Failed, "there is no place for contexts", "set HOME");
        var text = new StringBuilder("# Written by reactor context.\n");
        if (current is { } name) text.Append($"current = {Quote(name)}\n");
        foreach (var context in all.Values)
        {
            text.Append($"\n[contexts.{Quote(context.Name)}]\n");
            foreach (var (key, value) in new[] { ("url", context.Url), ("token", context.Token), ("org", context.Org) })
                if (value is not null) text.Append($"{key} = {Quote(value)}\n");
        }
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Private;
            using (var fresh = new StreamWriter($"{file}.new", new UTF8Encoding(false), options)) fresh.Write(text);
            File.Move($"{file}.new", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot write {file}: {e.Message}");
        }
    }

    static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (char.IsControl(c)) quoted.Append($"\\u{(int)c:X4}");
            else quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }
}
