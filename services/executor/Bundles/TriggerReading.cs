using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Bundles;

/// <summary>
/// Reads <c>export const triggers = [...]</c>: only running the code says what is in it. It runs once, contained like the bundler, with neither the
/// function's variables nor a network.
/// </summary>
static class TriggerReading
{
    public const string Export = "triggers";
    const string Script = "triggers.mjs";
    const string Answer = "triggers.json";
    const int MostBytes = 256 << 10;

    const string Code =
        """
        import { writeFileSync } from 'node:fs';
        const { triggers } = await import(new URL(process.argv.at(-1), import.meta.url).href);
        writeFileSync(new URL('triggers.json', import.meta.url), JSON.stringify(triggers) ?? 'null');
        process.exit(0);
        """;

    /// <param name="work">The folder of the build.</param>
    /// <param name="module">The built file in it.</param>
    public static async Task<RawJson> Read(Func<BuildCommand, CancellationToken, Task<BuildResult>> run, string work, string module, TimeSpan timeLimit, CancellationToken stop)
    {
        await File.WriteAllTextAsync(Path.Combine(work, Script), Code, stop);
        var result = await run(new(["--no-install", "./" + Script, "./" + module], work, timeLimit) { RunsCode = true }, stop);
        if (result.TimedOut)
            throw Wrong($"could not be read within {timeLimit.TotalSeconds:0.###} seconds");
        var answer = new FileInfo(Path.Combine(work, Answer));
        if (result.ExitCode != 0 || !answer.Exists || answer.LinkTarget is not null)
            throw Wrong($"could not be read, as the code ended with {Reason(result)}. It runs without the function's variables, without a network, and before any request");
        if (answer.Length > MostBytes)
            throw Wrong($"have {answer.Length:N0} bytes; at most {MostBytes:N0} are allowed");
        try
        {
            return RequestBody.Parse(await File.ReadAllBytesAsync(answer.FullName, stop)) is { ValueKind: JsonValueKind.Array } declared
                ? RequestBody.Raw(declared)
                : throw Wrong("must be an array of what createCronTrigger gives");
        }
        catch (ProblemException exception) when (exception.Problem.Code != BundleRefusal.Code)
        {
            throw Wrong(exception.Problem.Errors![0].Detail);
        }
    }

    /// <summary>What the runtime says of an error: its line, without where in its own files.</summary>
    static string Reason(BuildResult result) =>
        result.Output.Split('\n').Select(x => x.Trim()).FirstOrDefault(x => x.Contains("rror:", StringComparison.Ordinal)) is { } line ? $"\"{line}\"" : $"code {result.ExitCode}";

    static ProblemException Wrong(string detail) => BundleRefusal.Invalid(Export, detail);
}
