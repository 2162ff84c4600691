using ReactorJobs.Executor.Bundles;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Functions;

public sealed class Function_json_is_read_strictly
{
    static BundleManifest Read(string json) => BundleManifest.Read(Archive.Bundle(("function.json", json)));

    static IReadOnlyList<InputError> Refused(string json)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(json)).Problem;
        Assert.Equal((400, "invalid_bundle"), (problem.Status, problem.Code));
        return problem.Errors!;
    }

    [Fact]
    public void All_of_it_may_be_left_out()
    {
        var manifest = BundleManifest.Read(Archive.Bundle(("index.js", "")));
        Assert.True(manifest.Network);
        Assert.Empty(manifest.Variables.Env);
        Assert.Null(manifest.Job);
    }

    [Fact]
    public void Each_field_is_read()
    {
        var manifest = Read("""{"entry":"./a.ts","runtime":"node","network":false,"env":{"camelCase":"x"},"secrets":{"KEY":"vault:jobs/key"},"job":{"maxConcurrency": 5}}""");
        Assert.Equal(("./a.ts", "node", false), (manifest.Entry, manifest.Runtime, manifest.Network));
        Assert.Equal("x", manifest.Variables.Env["camelCase"]);
        Assert.Equal("vault:jobs/key", manifest.Variables.Secrets["KEY"]);
        Assert.Equal("{\"maxConcurrency\": 5}", manifest.Job.ToString());
    }

    [Theory]
    [InlineData("[]", "function.json", "must be a JSON object")]
    [InlineData("{", "function.json", "is not JSON (line 1, column 2)")]
    [InlineData("""{"jobs":{}}""", "function.json/jobs", "did you mean job?")]
    [InlineData("""{"runtime":"deno"}""", "function.json/runtime", "bun, node")]
    [InlineData("""{"job":[]}""", "function.json/job", "must be an object")]
    [InlineData("""{"env":["a"]}""", "function.json/env", "names and strings")]
    [InlineData("""{"env":{"A":1}}""", "function.json/env/A", "must be a string")]
    [InlineData("""{"env":{"A":"\ud800"}}""", "function.json/env/A", "must be a string")]
    [InlineData("""{"env":{"\ud800":"x"}}""", "function.json/env/\uFFFD", "must begin with a letter")]
    [InlineData("""{"\ud800":"x"}""", "function.json/\uFFFD", "is not a known field")]
    [InlineData("""{"env":{"a-b":"x"}}""", "function.json/env/a-b", "must begin with a letter")]
    [InlineData("""{"env":{"REACTOR_TOKEN":"x"}}""", "function.json/env/REACTOR_TOKEN", "not for functions to set")]
    [InlineData("""{"env":{"LD_PRELOAD":"x"}}""", "function.json/env/LD_PRELOAD", "not for functions to set")]
    [InlineData("""{"secrets":{"A":"literal"}}""", "function.json/secrets/A", "must be vault:")]
    [InlineData("""{"secrets":{"A":"vault:../../x"}}""", "function.json/secrets/A", "must be vault:")]
    [InlineData("""{"secrets":{"A":"vault:a/../x"}}""", "function.json/secrets/A", "must be vault:")]
    [InlineData("""{"env":{"A":"x"},"secrets":{"A":"vault:x"}}""", "function.json/secrets/A", "env, too")]
    public void What_is_wrong_is_named(string json, string pointer, string detail)
    {
        var error = Assert.Single(Refused(json));
        Assert.Equal(pointer, error.Pointer);
        Assert.Contains(detail, error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_entry_is_found_in_code_before_the_root()
    {
        static string Entry(params string[] files)
        {
            var bundle = Archive.Bundle([.. files.Select(x => (x, x == "function.json" ? "{\"entry\":\"src/main.tsx\"}" : ""))]);
            return BundleManifest.Read(bundle).EntryOf(bundle);
        }

        Assert.Equal("code/index.mjs", Entry("index.ts", "code/index.mjs"));
        Assert.Equal("code/index.ts", Entry("code/index.js", "code/index.ts"));
        Assert.Equal("index.tsx", Entry("index.tsx", "other/index.ts"));
        Assert.Equal("src/main.tsx", Entry("function.json", "src/main.tsx", "index.ts"));

        var nowhere = Assert.Throws<ProblemException>(() => Entry("main.ts")).Problem;
        foreach (var place in new[] { "code/index.ts", "code/index.mjs", "index.tsx", "function.json" })
            Assert.Contains(place, nowhere.Detail, StringComparison.Ordinal);
        Assert.Contains("src/main.tsx, which is not in the bundle", Assert.Throws<ProblemException>(() => Entry("function.json", "index.ts")).Problem.Detail, StringComparison.Ordinal);
    }
}
