namespace ReactorJobs.Cli.Output;

/// <summary>The three streams and what is known of them. A width is known on a terminal only: output that is piped is never cut.</summary>
/// <param name="In">Opened on first use: opening a console's input changes its settings, and most commands never read.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
sealed record Terminal(Lazy<TextReader> In, TextWriter Out, TextWriter Error)
{
    public bool InIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    public bool NoColor { get; init; }

    public int? Width { get; init; }

    /// <summary>Reads a line that is not shown while it is typed; a stream that shows nothing needs no more than to be read.</summary>
    public Func<string?>? HiddenLine { get; init; }

    public Paint OutPaint => new(OutIsTerminal && !NoColor);

    public Paint ErrorPaint => new(ErrorIsTerminal && !NoColor);

    /// <summary>Questions go to standard error, so that a redirected output stays clean.</summary>
    public bool CanAsk => InIsTerminal && ErrorIsTerminal;

    public static Terminal OfThisProcess()
    {
        if (OperatingSystem.IsWindows()) Console.OutputEncoding = System.Text.Encoding.UTF8;
        var toTerminal = !Console.IsOutputRedirected;
        return new Terminal(new(() => Console.In), Console.Out, Console.Error)
        {
            InIsTerminal = !Console.IsInputRedirected,
            OutIsTerminal = toTerminal,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            // https://no-color.org: set and not empty, whatever its value.
            NoColor = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("TERM") == "dumb",
            HiddenLine = ReadHidden,
            Width = toTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : null,
        };
    }

    /// <summary>Reading a console cannot be cancelled; what waits for it can.</summary>
    public Task<string> ReadToEnd(CancellationToken ct) => Task.Run(() => In.Value.ReadToEnd(), ct).WaitAsync(ct);

    public async Task<bool> Ask(string question, CancellationToken ct)
    {
        Error.Write($"{question} [y/N] ");
        Error.Flush();
        var answer = await Task.Run(() => In.Value.ReadLine(), ct).WaitAsync(ct);
        return answer?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    public async Task<string> AskHidden(string question, CancellationToken ct)
    {
        Error.Write(question);
        Error.Flush();
        var answer = await Task.Run(() => HiddenLine is { } hidden ? hidden() : In.Value.ReadLine(), ct).WaitAsync(ct);
        Error.WriteLine();
        return answer ?? "";
    }

    static string? ReadHidden()
    {
        var line = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) line.Length = Math.Max(0, line.Length - 1);
            else if (!char.IsControl(key.KeyChar)) line.Append(key.KeyChar);
        }
        return line.ToString();
    }
}
