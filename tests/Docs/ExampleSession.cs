using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ReactorJobs.Tests.Docs;

/// <summary>An example of the repository, copied, with <c>reactor dev</c> started in its folder and all commands of its page typed there.</summary>
sealed partial class ExampleSession : IAsyncDisposable
{
    readonly Checkout checkout = new();
    readonly Dictionary<string, string> ports = [];
    readonly List<Process> background = [];
    readonly string folder;
    DevSession? dev;

    ExampleSession(string name) => folder = $"examples/{name}";

    public string Screen => dev!.Screen;

    /// <summary>Starts it with an SDK that has been built.</summary>
    public static async Task<ExampleSession> Start(string name)
    {
        var session = new ExampleSession(name);
        try
        {
            await session.Copy();
            session.dev = await DevSession.Start(session.checkout, session.folder);
            foreach (var command in Pages.Commands($"{session.folder}/README.md"))
                await session.Type(command);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public string Path(string file) => System.IO.Path.Combine(checkout.Folder, folder, file);

    /// <summary>The answer of a command, as JSON.</summary>
    public async Task<JsonElement> Json(string command)
    {
        using var answer = JsonDocument.Parse(await checkout.Bash($"../../reactor {command} -o json", folder));
        return answer.RootElement.Clone();
    }

    /// <summary>Triggers a job and gives the run when it has ended.</summary>
    public async Task<JsonElement> Run(string job, string payload)
    {
        var run = (await checkout.Bash($"../../reactor jobs trigger {job} --payload '{payload}' -o ids", folder)).Trim();
        // How it ended is the test's to judge: a failed run is exit code 1.
        return await Until($"jobs runs get {run}", x => x.GetProperty("status").GetString() is "completed" or "failed");
    }

    /// <summary>Asks until the answer is as it has to become; a command takes long enough by itself.</summary>
    public async Task<JsonElement> Until(string command, Func<JsonElement, bool> holds)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var answer = await Json(command);
            if (holds(answer))
                return answer;
            if (since.Elapsed > TimeSpan.FromMinutes(1))
                throw new TimeoutException($"reactor {command} still answers {answer}");
        }
    }

    /// <summary>What git would check out: a developer may have run it, too.</summary>
    async Task Copy()
    {
        Directory.CreateDirectory(Path(""));
        await checkout.Bash($"cd {Checkout.Repository()}/{folder} && git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t {Path("")}");
        foreach (var file in Directory.EnumerateFiles(Path(""), "*", SearchOption.AllDirectories))
            await File.WriteAllTextAsync(file, Here(await File.ReadAllTextAsync(file)));
    }

    async Task Type(Command command)
    {
        var script = Here(command.Script);
        if (!command.Background)
        {
            Shape.Check(command, await checkout.Bash(script, folder));
            return;
        }

        var process = checkout.Start(script, folder);
        background.Add(process);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        Assert.True(await process.StandardOutput.ReadLineAsync(patience.Token) is not null, $"{command.Page}, line {command.Line}: it ended");
    }

    /// <summary>With free ports in place of those that the example says, which may be taken here.</summary>
    string Here(string text) => Port().Replace(text, port => port.Value == "8000" ? Of(checkout.Port)
        : ports.TryGetValue(port.Value, out var known) ? known : ports[port.Value] = Of(Checkout.FreePort()));

    static string Of(int port) => port.ToString(CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        if (dev is not null)
            await dev.DisposeAsync();
        foreach (var process in background)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        checkout.Dispose();
    }

    [GeneratedRegex(@"\b80\d\d\b")]
    private static partial Regex Port();
}
