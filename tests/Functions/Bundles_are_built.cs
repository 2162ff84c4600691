using System.Text;
using System.Text.Json;
using ReactorJobs.Executor.Bundles;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Functions;

public sealed class Bundles_are_built : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    readonly string folder = Directory.CreateTempSubdirectory("reactor-test-build-").FullName;
    readonly BundleBuild build;

    public Bundles_are_built() => build = new(Bun.Run, folder, Limit, new IdSource(TimeProvider.System));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    async Task<PackedBundle> Build(string entry, params (string Path, string Text)[] files) => (await build.Build(Archive.Bundle(files), entry, "bun", default)).Packed;

    async Task<IReadOnlyList<InputError>> Refused(string entry, params (string Path, string Text)[] files)
    {
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => Build(entry, files));
        Assert.Equal((400, "invalid_bundle"), (refusal.Problem.Status, refusal.Problem.Code));
        return refusal.Problem.Errors!;
    }

    /// <summary>Unpacks a built bundle where nothing of its sources is, and runs an expression over what it exports.</summary>
    async Task<string> Evaluate(PackedBundle packed, string output, string expression, string runtime = "bun")
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, "run-" + packed.Sha256[..8] + runtime)).FullName;
        foreach (var file in BundleArchive.Read(packed.Bytes, new()).Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(place, file.Path))!);
            await File.WriteAllBytesAsync(Path.Combine(place, file.Path), file.Content);
        }

        var script = Path.Combine(place, "evaluate.mjs");
        await File.WriteAllTextAsync(script, $"const m = await import('./{output}'); console.log(JSON.stringify(await ({expression})));");
        var result = await Bun.Run(runtime == "bun" ? Bun.Path : "node", [script], place, Limit, default);
        Assert.True(result.ExitCode == 0, result.Output);
        return result.Output.Trim();
    }

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task Typescript_with_its_imports_and_dependencies_becomes_one_file(string runtime)
    {
        var (packed, _, _) = await build.Build(Archive.Bundle(
            ("code/index.ts", "import { twice } from './math'; import dep from 'dep'; import data from '../data.json'; import type { T } from './gone';\nexport default (n: number): T => [twice(n), dep.name, data.a];"),
            ("code/math.ts", "export const twice = (n: number): number => n * 2;"),
            ("data.json", "{\"a\":7}"),
            ("node_modules/dep/package.json", "{\"name\":\"dep\",\"main\":\"lib/main.js\"}"),
            ("node_modules/dep/lib/main.js", "exports.name = require('./name.js');"),
            ("node_modules/dep/lib/name.js", "module.exports = 'dep' + require('path').sep;")), "code/index.ts", runtime, default);

        Assert.Equal(["code/index.js", "code/package.json", "data.json"], BundleArchive.Read(packed.Bytes, new()).Files.Select(x => x.Path));
        Assert.Equal("[42,\"dep/\",7]", await Evaluate(packed, "code/index.js", "m.default(21)", runtime));
    }

    [Fact]
    public async Task Types_are_left_to_the_editor()
    {
        var packed = await Build("index.ts", ("index.ts", "const n: number = 'text';\nexport default (): Missing => n satisfies boolean;"));
        Assert.Equal("\"text\"", await Evaluate(packed, "index.js", "m.default()"));
    }

    [Fact]
    public async Task A_syntax_error_is_refused_with_its_place()
    {
        var error = Assert.Single(await Refused("code/index.ts", ("code/index.ts", "import './deep/part';"), ("code/deep/part.ts", "export const a = 1;\n  const b = ;\n")));
        Assert.Equal(("code/deep/part.ts:2:13", "Unexpected ;"), (error.Pointer, error.Detail));
    }

    [Fact]
    public async Task Imports_that_lead_nowhere_are_refused_with_their_places()
    {
        var errors = await Refused("index.ts", ("index.ts", "import a from './missing';\nimport b from 'absent';\nexport default [a, b];"));
        Assert.Equal(["index.ts:1:15", "index.ts:2:15"], errors.Select(x => x.Pointer));
        Assert.Contains("./missing", errors[0].Detail, StringComparison.Ordinal);
        Assert.Contains("node_modules", errors[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_suites_own_packages_stay_imports()
    {
        var packed = await Build("index.ts", ("index.ts", "import { x } from '@reactor/jobs-sdk'; import y from '@reactor/client/sub'; export default [x, y];"));
        var output = Encoding.UTF8.GetString(BundleArchive.Read(packed.Bytes, new()).Find("index.js")!.Value.Content.Span);
        Assert.Contains("from \"@reactor/jobs-sdk\"", output, StringComparison.Ordinal);
        Assert.Contains("from \"@reactor/client/sub\"", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import { m } from './macro.ts' with { type: 'macro' }; export default m();")]
    [InlineData("import { m } from 'macro:./macro.ts'; export default m();")]
    public async Task Code_of_the_bundle_does_not_run_while_it_is_built(string index)
    {
        var trace = Path.Combine(folder, "trace");
        var writes = $"require('fs').writeFileSync({JsonSerializer.Serialize(trace)}, 'ran')";
        await Refused("index.ts",
            ("index.ts", index), ("macro.ts", $"export function m() {{ {writes}; return 1; }}"),
            ("bunfig.toml", "preload = [\"./preload.ts\"]\n[bundle]\n"), ("preload.ts", writes + ";"),
            ("package.json", "{\"scripts\":{\"preinstall\":\"touch trace\"},\"bun\":{\"macros\":{\"./macro.ts\":{\"m\":\"./macro.ts\"}}}}"));
        Assert.False(File.Exists(trace));
    }

    [Fact]
    public async Task Settings_of_the_bundler_are_not_the_bundles()
    {
        var packed = await Build("index.ts",
            ("index.ts", "export default [process.env.NODE_ENV, typeof process.env.FROM_FILE];"),
            ("bunfig.toml", "this is no toml ="), (".env", "FROM_FILE=1"), ("sub/.env.local", "FROM_FILE=1"));
        Assert.Equal(["index.js", "package.json"], BundleArchive.Read(packed.Bytes, new()).Files.Select(x => x.Path));
        Assert.Equal("[\"production\",\"undefined\"]", await Evaluate(packed, "index.js", "m.default"));
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("../../../../../../../../../etc/hostname")]
    public async Task Files_of_the_machine_are_not_taken_in(string file)
    {
        var error = Assert.Single(await Refused("index.ts", ("index.ts", $"import text from '{file}' with {{ type: 'text' }}; export default text;")));
        Assert.Equal(("index.ts", $"imports {file}, which is not in the bundle"), (error.Pointer, error.Detail));
    }

    [Fact]
    public async Task Code_reads_its_files_where_they_were()
    {
        var packed = await Build("code/index.ts",
            ("code/index.ts", "import { readFileSync } from 'fs'; import asset from './a.bin' with { type: 'file' };\nexport default [readFileSync(new URL('./a.txt', import.meta.url), 'utf8'), readFileSync(__dirname + '/../b.txt', 'utf8'), readFileSync(new URL(asset, import.meta.url), 'utf8')];"),
            ("code/a.txt", "A"), ("b.txt", "B"), ("code/a.bin", "C"));
        Assert.Equal("[\"A\",\"B\",\"C\"]", await Evaluate(packed, "code/index.js", "m.default"));
    }

    [Fact]
    public async Task Node_takes_the_built_file_for_a_module_whatever_the_package_says()
    {
        var (packed, _, _) = await build.Build(
            Archive.Bundle(("index.js", "export default 1"), ("package.json", "{\"name\":\"mine\",\"type\":\"commonjs\"}")), "index.js", "node", default);
        Assert.Equal("[1,\"mine\"]", await Evaluate(packed, "index.js", "[m.default, JSON.parse((await import('fs')).readFileSync('package.json')).name]", "node"));
    }

    [Theory]
    [InlineData("export default 1; export const sweep = 1, $odd = 2; export * from './more';", "deep default sweep")]
    [InlineData("export function only() { throw new Error('never run'); }", "only")]
    [InlineData("module.exports = { fetch() {} };", "default")]
    public async Task Exports_are_known_without_running_anything(string code, string exports)
    {
        var built = await build.Build(Archive.Bundle(("index.js", code), ("more.js", "throw new Error('never run'); export const deep = 1;")), "index.js", "bun", default);
        Assert.Equal((exports, null), (string.Join(' ', built.Exports), built.Triggers));
    }

    [Fact]
    public async Task Triggers_are_what_the_code_makes_of_them()
    {
        var (packed, exports, triggers) = await build.Build(
            Archive.Bundle(("code/index.ts", "const at = (cron: string) => ({ cron, functionPath: 'a:b' });\nexport const triggers = [at('@daily'), at('0 3 * * *')]; export const b = 1;")),
            "code/index.ts", "bun", default);
        Assert.Equal("""[{"cron":"@daily","functionPath":"a:b"},{"cron":"0 3 * * *","functionPath":"a:b"}]""", triggers!.Value.ToString());
        Assert.Equal(["b"], exports);
        Assert.Equal(["code/index.js", "code/package.json"], BundleArchive.Read(packed.Bytes, new()).Files.Select(x => x.Path));
    }

    [Theory]
    [InlineData("throw new TypeError('no such day'); export const triggers = [];", "could not be read, as the code ended with \"TypeError: no such day\". It runs without")]
    [InlineData("process.exit(3); export const triggers = [];", "could not be read, as the code ended with code 3")]
    [InlineData("export const triggers = { daily: 1 };", "must be an array of what createCronTrigger gives")]
    [InlineData("export const triggers = undefined;", "must be an array of what createCronTrigger gives")]
    [InlineData("export const triggers = ['x'.repeat(300000)];", "have 300,004 bytes; at most 262,144 are allowed")]
    public async Task Triggers_that_cannot_be_read_are_refused(string code, string says)
    {
        var error = Assert.Single(await Refused("index.js", ("index.js", code)));
        Assert.Equal("triggers", error.Pointer);
        Assert.StartsWith(says, error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}")]
    [InlineData("[]")]
    public async Task A_broken_package_is_replaced(string package) => Assert.Equal(
        "1", await Evaluate(await Build("index.js", ("index.js", "export default 1"), ("package.json", package)), "index.js", "m.default", "node"));

    [Fact]
    public async Task The_same_files_are_the_same_bundle_wherever_and_whenever_it_is_built()
    {
        (string, string)[] files = [("code/index.ts", "import './b'; export default __filename;"), ("code/b.js", "module.exports = __dirname;"), ("data.txt", "x")];
        var first = await Build("code/index.ts", files);
        Array.Reverse(files);
        var second = await Build("code/index.ts", files);
        Assert.Equal((first.Sha256, Convert.ToHexString(first.Bytes)), (second.Sha256, Convert.ToHexString(second.Bytes)));
        Assert.NotEqual(first.Sha256, (await Build("code/index.ts", [.. files, ("more.txt", "")])).Sha256);
    }

    [Fact]
    public async Task A_build_over_its_time_is_refused_and_leaves_nothing()
    {
        var slow = new BundleBuild((_, _) => Task.FromResult(new BuildResult(-1, "", TimedOut: true)), folder, Limit, new IdSource(TimeProvider.System));
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => slow.Build(Archive.Bundle(("index.js", "")), "index.js", "bun", default));
        Assert.Contains("30 seconds", refusal.Problem.Detail, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }
}
