using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ReactorJobs.Tests.Cron;

/// <param name="RefusedAt">Where it refuses a text, from 0.</param>
/// <param name="Throws">It takes the text, and cannot schedule it; or cannot refuse it.</param>
/// <param name="Times">In milliseconds; fewer than were asked for where there are no more.</param>
/// <param name="Lost">It went on to a time that is none, having given up its search.</param>
/// <param name="Empty">A list without values is in it, of a period for which that makes no date.</param>
/// <param name="Ascends">No value is said after a greater one.</param>
public sealed record LaterAnswer(
    [property: JsonPropertyName("refusedAt")] int? RefusedAt, [property: JsonPropertyName("throws")] string? Throws,
    [property: JsonPropertyName("times")] long[]? Times, [property: JsonPropertyName("lost")] bool Lost, [property: JsonPropertyName("empty")] bool Empty,
    [property: JsonPropertyName("ascends")] bool Ascends);

/// <summary>What npm's <c>@breejs/later</c> makes of generated texts: one process of node reads them all.</summary>
public sealed class Later : IAsyncLifetime
{
    public const int Count = 5;

    // Far above what it takes; it only keeps a broken machine from hanging the test.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public IReadOnlyList<(TextCase Case, LaterAnswer Answer)> Read { get; private set; } = [];

    public async Task InitializeAsync()
    {
        var sdk = Path.GetFullPath(Path.Combine(Folder(), "../../sdk/typescript"));
        if (!Directory.Exists(Path.Combine(sdk, "node_modules", "@breejs", "later")))
            await Run("npm", ["ci", "--no-audit", "--no-fund"], sdk, "");
        var cases = TextCase.All();
        var input = JsonSerializer.Serialize(cases.Select(x => new { text = x.ForLater, from = new DateTimeOffset(x.From, TimeSpan.Zero).ToUnixTimeMilliseconds(), count = Count }));
        var answers = JsonSerializer.Deserialize<LaterAnswer[]>(await Run("node", [Path.Combine(Folder(), "later.mjs"), sdk], sdk, input))!;
        Read = [.. cases.Zip(answers)];
    }

    public Task DisposeAsync() => Task.CompletedTask;

    static async Task<string> Run(string program, string[] arguments, string folder, string input)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}");
    }

    static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
