using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Connection;

/// <summary>What the command line said.</summary>
readonly record struct ConnectionFlags(string? Url, string? Token, string? Org);

/// <param name="Url">Base address; may have a path of its own.</param>
/// <param name="Token">Null only for what anyone may ask.</param>
/// <param name="Org">Null leaves the choice to the server: a token of one org needs none.</param>
/// <param name="TokenSource">For the hint when the token is refused.</param>
sealed record ConnectionSettings(Uri Url, string? Token, string? Org, string TokenSource)
{
    /// <summary>As it is shown: no slash at the end, which <see cref="Uri"/> puts there.</summary>
    public string Address => Url.ToString().TrimEnd('/');

    const string DefaultUrl = "http://localhost:8000";
    const string DevelopmentOrg = "acme";

    const string Ways = "give --token, set REACTOR_TOKEN, choose a context, or start a suite of your own with `reactor dev`, which writes .reactor/dev-token";

    /// <summary>Option, then environment, then the context in use, then the files that <c>reactor dev</c> leaves in the current or a parent folder.</summary>
    public static ConnectionSettings Find(ConnectionFlags flags, Func<string, string?> environment, string folder, bool tokenNeeded = true)
    {
        var (token, source) = First((flags.Token, "--token"), (environment("REACTOR_TOKEN"), "REACTOR_TOKEN"));
        var chosen = First((flags.Url, "--url"), (environment("REACTOR_URL"), "REACTOR_URL")).Value;
        var org = First((flags.Org, "--org"), (environment("REACTOR_ORG"), "REACTOR_ORG")).Value;

        // A context's token is for its own address; where another one is named, the context does not count.
        if (Contexts.Read(environment).InUse is { } context && Absolute(context.Url ?? DefaultUrl) is var its && (chosen is null || Absolute(chosen) == its))
        {
            if (token is null && context.Token is { } kept) (token, source) = (kept, $"the context {context.Name}");
            if (token is null && tokenNeeded)
                throw new Failure(ExitCode.Auth, $"the context {context.Name} has no token", $"reactor context set {context.Name} --token -");
            return new ConnectionSettings(its, token, org ?? context.Org, source);
        }

        // A file found on the way up may come with someone else's repository: it may not send a token that it did not bring to an address of its
        // choice, and the development token is not shown to other machines.
        var development = DevelopmentFiles.Find(folder);
        var offered = development?.Url is { } url && (token is null || Absolute(url).IsLoopback) ? url : null;
        var address = Absolute(chosen ?? offered ?? DefaultUrl);
        if (token is null && development is { Token: { } fromFile } && (address.IsLoopback || chosen is null))
            (token, source) = (fromFile, development.TokenFile);
        if (token is null && tokenNeeded) throw new Failure(ExitCode.Auth, "no token", Ways);

        if (org is null && source == development?.TokenFile) org = development?.Org ?? DevelopmentOrg;
        return new ConnectionSettings(address, token, org, source);
    }

    static (string? Value, string Source) First(params ReadOnlySpan<(string? Value, string Source)> candidates)
    {
        foreach (var (value, source) in candidates)
            if (!string.IsNullOrWhiteSpace(value)) return (value.Trim(), source);
        return (null, "");
    }

    internal static Uri Absolute(string url) =>
        Uri.TryCreate(url.TrimEnd('/'), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw Failure.Usage($"{url}: not an http(s) address", $"an address looks like {DefaultUrl}");

    /// <summary>The nearest <c>.reactor</c> folder that holds a token.</summary>
    sealed record DevelopmentFiles(string Token, string TokenFile, string? Url, string? Org)
    {
        public static DevelopmentFiles? Find(string folder)
        {
            for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            {
                var tokenFile = Path.Combine(at.FullName, ".reactor", "dev-token");
                if (!File.Exists(tokenFile)) continue;
                if (Read(tokenFile).Trim() is not { Length: > 0 } token) continue;
                var about = Path.Combine(at.FullName, ".reactor", "dev.json");
                var json = File.Exists(about) ? JsonInput.Parse(about, Read(about)) : default(JsonElement?);
                return new DevelopmentFiles(token, tokenFile, json?.Text("url"), json?.Text("org"));
            }
            return null;
        }

        static string Read(string file)
        {
            try
            {
                return File.ReadAllText(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new Failure(ExitCode.Auth, $"cannot read {file}: {e.Message}", Ways);
            }
        }
    }
}
