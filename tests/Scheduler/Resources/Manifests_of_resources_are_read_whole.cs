using System.Text.Json;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Resources;

namespace ReactorJobs.Tests.Scheduler.Resources;

/// <summary>Every mistake of every document is named at once.</summary>
public sealed class Manifests_of_resources_are_read_whole
{
    [Fact]
    public void Components_and_definitions_in_any_order()
    {
        var writes = Read("""
            [{"uri":"/resources/job-definitions/hourly-sync","spec":{"componentId":"data-sync.hreactor"}},
             {"uri":"/resources/components/data-sync.hreactor","spec":{"codeFile":"data-sync.hreactor","code":"export default () => new Response()"}},
             {"uri":"/resources/components/saveImage%2Flocal","spec":{"function_name":"save"}}]
            """);
        Assert.Equal("data-sync.hreactor", Assert.IsType<DefinitionWrite>(writes[0]).ComponentId);
        Assert.Equal(("data-sync.hreactor", "index.ts"), (Assert.IsType<ComponentWrite>(writes[1]).FunctionName, ((ComponentWrite)writes[1]).Spec.Entry));
        Assert.Equal(("saveImage/local", "save"), (writes[2].Uri.Id, ((ComponentWrite)writes[2]).FunctionName));
    }

    [Theory]
    [InlineData("""[{"uri":"/resources/job-definition/a","spec":{}}]""", "/documents/0/uri: \"job-definition\" is not known; did you mean job-definitions?: there are /resources/components/{id} and /resources/job-definitions/{id}")]
    [InlineData("""[{"uri":"/resources/rules/a","spec":{}}]""", "/documents/0/uri: \"rules\" is not known: there are /resources/components/{id} and /resources/job-definitions/{id}")]
    [InlineData("""[{"uri":"/jobs/a","spec":{}}]""", "/documents/0/uri: must be one of /resources/components/{id} and /resources/job-definitions/{id}")]
    [InlineData("""[{"uri":"/resources/job-definitions/","spec":{}}]""", "/documents/0/uri: must be one of ")]
    [InlineData("""[{"uri":"/resources/job-definitions/runs","spec":{"componentId":"a"}}]""", "/documents/0/uri: is reserved")]
    [InlineData("""[{"spec":{}}]""", "/documents/0/uri: is required")]
    [InlineData("""[{"uri":"/resources/components/a"}]""", "/documents/0/spec: is required")]
    [InlineData("""[{"uri":"/resources/components/a","spec":"x"}]""", "/documents/0/spec: must be an object")]
    [InlineData("""[7]""", "/documents/0: must be an object with uri and spec")]
    [InlineData("""[{"uri":"/resources/job-definitions/a","spec":{"component":"c"}}]""", "/documents/0/spec/component_id: is required|/documents/0/spec/component: is not a known field")]
    [InlineData("""[{"uri":"/resources/job-definitions/a","spec":{"componentId":"c d"}}]""", "/documents/0/spec/component_id: must begin with")]
    [InlineData("""[{"uri":"/resources/components/a","spec":{}}]""", "/documents/0/spec/function_name: is required, or code_file with code")]
    [InlineData("""[{"uri":"/resources/components/a","spec":{"codeFile":"a.py","code":"x"}}]""", "/documents/0/spec/code_file: must be TypeScript or JavaScript (.ts, .tsx, .mts, .js, .mjs); a file that ends with .py is not run")]
    [InlineData("""[{"uri":"/resources/components/a","spec":{"codeFile":"a.ts"}}]""", "/documents/0/spec/code: is required beside code_file")]
    [InlineData("""[{"uri":"/resources/components/a","spec":{"functionName":"f","code":"x"}}]""", "/documents/0/spec/code: cannot stand beside function_name")]
    [InlineData("""[{"uri":"/resources/components/a","spec":{"functionName":"f"}},{"uri":"/resources/components/a","spec":{"functionName":"g"}}]""", "/documents/1/uri: is that of document 1, too")]
    public void Mistakes_are_named(string documents, string errors)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(documents)).Problem;
        Assert.Equal("invalid_request", problem.Code);
        foreach (var (expected, error) in errors.Split('|').Zip(problem.Errors!))
            Assert.StartsWith(expected, $"{error.Pointer}: {error.Detail}", StringComparison.Ordinal);
        Assert.Equal(errors.Split('|').Length, problem.Errors!.Count);
    }

    [Fact]
    public void All_at_once()
    {
        var problem = Assert.Throws<ProblemException>(() => Read("""[{"uri":"/x"},{"uri":"/resources/job-definitions/a","spec":{}},{"uri":"/resources/job-definitions/b","spec":{"componentId":""}}]""")).Problem;
        Assert.Equal(["/documents/0/uri", "/documents/0/spec", "/documents/1/spec/component_id", "/documents/2/spec/component_id"], problem.Errors!.Select(x => x.Pointer));
        Assert.Throws<ProblemException>(() => ResourceManifest.Read(new Fields(JsonDocument.Parse("{}").RootElement, "")));
    }

    static IReadOnlyList<ResourceWrite> Read(string documents) => ResourceManifest.Read(new Fields(JsonDocument.Parse($$"""{"documents": {{documents}}}""").RootElement, ""));
}
