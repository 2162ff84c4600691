using ReactorJobs.Cli;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Tests.Cli;

sealed record Ended(int Exit, string Out, string Error);

/// <summary>The place a command runs in: by default no terminal, nothing on standard input, an empty folder, the fake server's address and a token.</summary>
sealed class Shell : IDisposable
{
    readonly Dictionary<string, string> environment = [];

    public Shell(FakeApi? api = null)
    {
        Folder = Directory.CreateTempSubdirectory("reactor-cli-").FullName;
        if (api is null) return;
        environment["REACTOR_URL"] = api.Url;
        environment["REACTOR_TOKEN"] = "tok";
        environment["REACTOR_ORG"] = "acme";
    }

    public string Folder { get; }

    public string Input { get; init; } = "";

    public bool IsTerminal { get; init; }

    public int? Width { get; init; }

    public bool NoColor { get; init; }

    public TestClock Clock { get; } = new();

    public Shell With(string name, string value)
    {
        environment[name] = value;
        return this;
    }

    public string Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return file;
    }

    public Task<Ended> Run(params string[] args) => Run(CancellationToken.None, args);

    public async Task<Ended> Run(CancellationToken ct, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(new(() => new StringReader(Input)), output, error)
        {
            InIsTerminal = IsTerminal,
            OutIsTerminal = IsTerminal,
            ErrorIsTerminal = IsTerminal,
            Width = Width,
            NoColor = NoColor,
        };
        var exit = await CommandLine.Run(args, new Surroundings(terminal, environment, Folder, Clock), ct);
        return new Ended(exit, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>Stands still at one moment, but for short pauses: these end at once and move it on, so that no test waits for time.
/// Limits (a hundred seconds for an answer) never run out.</summary>
sealed class TestClock : TimeProvider
{
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    DateTimeOffset now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public int Pauses { get; private set; }

    public override DateTimeOffset GetUtcNow() => now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now.UtcTicks;

    public void Advance(TimeSpan by) => now += by;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= TimeSpan.Zero || dueTime > LongestPause) return new Timer();
        Advance(dueTime);
        Pauses++;
        ThreadPool.QueueUserWorkItem(_ => callback(state));
        return new Timer();
    }

    sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
