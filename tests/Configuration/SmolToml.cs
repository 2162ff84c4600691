using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ReactorJobs.Hosting.Configuration.Toml;

namespace ReactorJobs.Tests.Configuration;

/// <summary>What another reader of TOML makes of the corpus: one process of node reads every document with <c>smol-toml</c>.</summary>
public sealed class SmolToml : IAsyncLifetime
{
    // Far above what it takes; it only keeps a broken machine from hanging the test.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    readonly Dictionary<string, JsonObject> results = [];

    public static string Corpus { get; } = Path.Combine(Folder(), "Corpus");

    public static IEnumerable<string> Documents { get; } =
        Directory.GetFiles(Corpus, "*.toml", SearchOption.AllDirectories).Select(x => Path.ChangeExtension(Path.GetRelativePath(Corpus, x), null)).Order(StringComparer.Ordinal);

    public static string PathOf(string document) => Path.Combine(Corpus, document + ".toml");

    /// <summary>Null when it refuses the document.</summary>
    public JsonNode? Read(string document) => results[document]["value"];

    public async Task InitializeAsync()
    {
        var sdk = Path.GetFullPath(Path.Combine(Folder(), "../../sdk/typescript"));
        if (!Directory.Exists(Path.Combine(sdk, "node_modules", "smol-toml")))
            await Run("npm", ["ci", "--no-audit", "--no-fund"], sdk, "");
        var output = await Run("node", [Path.Combine(Folder(), "smol-toml.mjs"), sdk], sdk, string.Concat(Documents.Select(x => PathOf(x) + "\n")));
        var byPath = JsonNode.Parse(output, documentOptions: new() { MaxDepth = 1000 })!.AsObject();
        foreach (var document in Documents)
            results[document] = byPath[PathOf(document)]!.AsObject();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>A value of our reader in the form that the script prints: milliseconds are as fine as its dates get.</summary>
    public static JsonNode Shown(TomlValue value) => value switch
    {
        TomlInteger integer => new JsonObject { ["integer"] = integer.Number.ToString(CultureInfo.InvariantCulture) },
        TomlFloat number => new JsonObject { ["float"] = double.IsNaN(number.Number) ? "nan" : BitConverter.DoubleToInt64Bits(number.Number).ToString("x16", CultureInfo.InvariantCulture) },
        TomlString text => new JsonObject { ["string"] = text.Text },
        TomlBoolean boolean => new JsonObject { ["boolean"] = boolean.Value },
        TomlTime time => new JsonObject { [time.Form.ToString()] = Milliseconds(time) },
        TomlArray array => new JsonObject { ["array"] = new JsonArray([.. array.Items.Select(Shown)]) },
        TomlTable table => new JsonObject
        {
            ["table"] = new JsonArray([.. table.Entries.OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => new JsonArray(x.Key, Shown(x.Value)))]),
        },
        _ => throw new InvalidOperationException(value.Kind),
    };

    static string Milliseconds(TomlTime time)
    {
        if (time.Form == TomlTimeForm.LocalDate)
            return time.Text;
        var seconds = time.Text.LastIndexOf(':', time.Form == TomlTimeForm.OffsetDateTime && !time.Text.EndsWith('Z') ? time.Text.Length - 4 : time.Text.Length - 1) + 3;
        var fraction = string.Concat(time.Text[seconds..].TakeWhile(x => x == '.' || char.IsAsciiDigit(x)));
        return $"{time.Text[..seconds]}.{fraction.TrimStart('.').PadRight(3, '0')[..3]}{time.Text[(seconds + fraction.Length)..]}";
    }

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
