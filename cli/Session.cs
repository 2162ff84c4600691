using System.Text.Json;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli;

/// <summary>One command's way to the API and to the terminal.</summary>
sealed class Session(Surroundings here, ConnectionFlags flags, OutputFormat format) : IDisposable
{
    ApiClient? api;

    /// <summary>A session with a suite that is known without being looked for.</summary>
    public static Session With(ConnectionSettings suite, Surroundings here) =>
        new(here, new ConnectionFlags(suite.Address, suite.Token, suite.Org), OutputFormat.Table) { api = new ApiClient(suite, here.Clock) };

    /// <summary>What the command line said of the connection, for a command that keeps it.</summary>
    public ConnectionFlags Flags => flags;

    public TimeProvider Clock => here.Clock;

    public Terminal Terminal => here.Terminal;

    public Printer Printer { get; } = new(here.Terminal, format, here.Clock);

    /// <summary>Made on first use: a command that is refused for its arguments needs no token.</summary>
    public ApiClient Api => api ??= new ApiClient(ConnectionSettings.Find(flags, here.Environment.GetValueOrDefault, here.WorkingDirectory), here.Clock);

    /// <summary>For <c>/health</c>, which anyone may ask.</summary>
    public ApiClient AnonymousApi =>
        api ??= new ApiClient(ConnectionSettings.Find(flags, here.Environment.GetValueOrDefault, here.WorkingDirectory, tokenNeeded: false), here.Clock);

    /// <summary>Reads <c>-</c> and <c>@file</c>; anything else is the text itself.</summary>
    public async Task<string> Text(string given, CancellationToken ct)
    {
        if (given == "-") return await Terminal.ReadToEnd(ct);
        return given.StartsWith('@') ? await FileText(given[1..], ct) : given;
    }

    public async Task<string> FileText(string file, CancellationToken ct)
    {
        try
        {
            return await File.ReadAllTextAsync(Path.Combine(here.WorkingDirectory, file), ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure.Usage($"cannot read {file}: {e.Message}");
        }
    }

    /// <summary>The ids of the arguments, <c>-</c> standing for those on standard input, each once, in order.</summary>
    public async Task<IReadOnlyList<string>> Ids(IEnumerable<string> given, CancellationToken ct)
    {
        var ids = new List<string>();
        foreach (var id in given)
        {
            if (id == "-") ids.AddRange((await Terminal.ReadToEnd(ct)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            else ids.Add(id);
        }
        // An empty pipeline is nothing to do, not a mistake.
        if (ids.Count == 0) Terminal.Error.WriteLine("no ids on standard input: nothing to do");
        return [.. ids.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Does one thing per id. One that the API refuses is reported and does not keep the others from their turn; a lost connection
    /// or a refused token ends it. The exit code is that of the first refusal.</summary>
    public async Task<int> Each(IReadOnlyList<string> ids, Func<string, Task> act)
    {
        var exit = ExitCode.Ok;
        foreach (var id in ids)
        {
            try
            {
                await act(id);
            }
            catch (ApiRefusal refusal) when (ids.Count > 1 && refusal.ConcernsOneItem)
            {
                Terminal.Error.Write(FailureText.Render(refusal.About(id), Terminal.ErrorPaint));
                if (exit == ExitCode.Ok) exit = refusal.ExitCode;
            }
        }
        return exit;
    }

    /// <summary>Asks before something that cannot be undone: on a terminal, otherwise the caller must have said <c>--force</c>.</summary>
    public async Task Confirm(string what, bool forced, CancellationToken ct)
    {
        if (forced) return;
        if (!Terminal.CanAsk) throw Failure.Usage($"{what} needs --force where there is no terminal to ask on");
        if (!await Terminal.Ask($"{char.ToUpperInvariant(what[0])}{what[1..]}. Go on?", ct)) throw new Failure(ExitCode.Failed, "nothing was done");
    }

    /// <summary>The body of an option that takes JSON, refused before anything is sent.</summary>
    public async Task<JsonElement?> Json(string option, string? given, CancellationToken ct) =>
        given is null ? null : JsonInput.Parse(option, await Text(given, ct));

    public void Dispose() => api?.Dispose();
}
