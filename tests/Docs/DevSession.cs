using System.Diagnostics;

namespace ReactorJobs.Tests.Docs;

/// <summary><c>./reactor dev</c> from its start to Ctrl-C.</summary>
sealed class DevSession : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly Process process;
    Task<string> rest = Task.FromResult("");

    DevSession(Process process) => this.process = process;

    /// <summary>What it printed until it was ready for the user.</summary>
    public string Screen { get; private set; } = "";

    public static async Task<DevSession> Start(Checkout checkout)
    {
        var session = new DevSession(checkout.Start($"exec ./reactor dev --port {checkout.Port}"));
        using var patience = new CancellationTokenSource(Patience);
        var lines = new List<string>();
        while (lines.LastOrDefault()?.StartsWith("Ctrl-C", StringComparison.Ordinal) != true)
            lines.Add(await session.process.StandardError.ReadLineAsync(patience.Token)
                ?? throw new InvalidOperationException("reactor dev ended:\n" + string.Join('\n', lines)));
        session.Screen = string.Join('\n', lines);
        session.rest = session.process.StandardError.ReadToEndAsync();
        return session;
    }

    /// <summary>Ends it as a person does, and gives its exit code.</summary>
    public async Task<int> Interrupt()
    {
        using var patience = new CancellationTokenSource(Patience);
        if (!process.HasExited)
            await Checkout.Interrupt(process);
        await process.WaitForExitAsync(patience.Token);
        await rest;
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Interrupt();
        process.Dispose();
    }
}
