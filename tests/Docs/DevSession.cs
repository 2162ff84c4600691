using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace ReactorJobs.Tests.Docs;

/// <summary><c>./reactor dev</c> from its start to Ctrl-C.</summary>
sealed class DevSession : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly Process process;
    readonly ConcurrentQueue<string> said = new();
    readonly Channel<string> unread = Channel.CreateUnbounded<string>();
    readonly Task reading;

    DevSession(Process process)
    {
        this.process = process;
        reading = Read();
    }

    /// <summary>What it printed until it was ready for the user.</summary>
    public string Screen { get; private set; } = "";

    /// <summary>All its lines until now.</summary>
    public IReadOnlyCollection<string> Said => said;

    /// <param name="folder">Of the checkout, to start it in.</param>
    public static async Task<DevSession> Start(Checkout checkout, string folder = "")
    {
        var processes = Environment.GetEnvironmentVariable("REACTOR_TEST_HOST") == "suite" ? " --suite --scale executor=2,scheduler=2" : "";
        var session = new DevSession(checkout.Start($"exec {checkout.Folder}/reactor dev --port {checkout.Port}{processes}", folder));
        await session.Says("^Ctrl-C");
        session.Screen = string.Join('\n', session.said);
        return session;
    }

    /// <summary>Waits for a line that fits, after all that were waited for before.</summary>
    public async Task<Match> Says(string pattern)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (true)
                if (Regex.Match(await unread.Reader.ReadAsync(patience.Token), pattern) is { Success: true } found)
                    return found;
        }
        catch (Exception exception) when (exception is ChannelClosedException or OperationCanceledException)
        {
            throw new InvalidOperationException($"reactor dev did not say {pattern}, but:\n{string.Join('\n', said)}", exception);
        }
    }

    async Task Read()
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said.Enqueue(line);
            unread.Writer.TryWrite(line);
        }

        unread.Writer.Complete();
    }

    /// <summary>Ends it as a person does, and gives its exit code.</summary>
    public async Task<int> Interrupt()
    {
        using var patience = new CancellationTokenSource(Patience);
        if (!process.HasExited)
            await Checkout.Interrupt(process);
        await process.WaitForExitAsync(patience.Token);
        await reading;
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Interrupt();
        process.Dispose();
    }
}
