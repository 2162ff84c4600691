using System.Text.Json.Nodes;

namespace ReactorJobs.Tests.Cli;

/// <summary><c>reactor apply</c> sends all documents of a file at once, with the code that they name, and says where in the file a mistake is.</summary>
public sealed class Resources_are_applied : IAsyncLifetime
{
    const string Manifest = """
        uri: /resources/components/process-orders.hreactor
        spec:
          codeFile: process-orders.hreactor
        ---
        uri: /resources/job-definitions/nightly-order-processing
        spec:
          componentId: process-orders.hreactor
        """;

    const string Applied = """
        [{"uri":"/resources/components/process-orders.hreactor","id":"process-orders.hreactor","action":"created"},
         {"uri":"/resources/job-definitions/nightly-order-processing","id":"nightly-order-processing","action":"unchanged"}]
        """;

    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task From_a_file_or_from_standard_input(bool fromInput)
    {
        using var shell = new Shell(api) { Input = Manifest };
        shell.Write("deploy/h_manifest.yaml", Manifest);
        shell.Write(fromInput ? "process-orders.hreactor" : "deploy/process-orders.hreactor", "export default () => Response.json(1)");
        api.Answers(Applied);
        var ended = await shell.Run("apply", "-f", fromInput ? "-" : "deploy/h_manifest.yaml");
        Assert.Equal((0, ""), (ended.Exit, ended.Error));
        Assert.Equal(
            """
            RESOURCE                                            ACTION
            /resources/components/process-orders.hreactor       created
            /resources/job-definitions/nightly-order-processing unchanged
            """.Split('\n').Select(x => string.Join(' ', x.Split(' ', StringSplitOptions.RemoveEmptyEntries))),
            ended.Out.TrimEnd('\n').Split('\n').Select(x => string.Join(' ', x.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Equal("POST /resources/apply", $"{api.Request.Method} {api.Request.Target}");
        Assert.Equal(
            """{"documents":[{"uri":"/resources/components/process-orders.hreactor","spec":{"codeFile":"process-orders.hreactor","code":"export default () =\u003E Response.json(1)"}},{"uri":"/resources/job-definitions/nightly-order-processing","spec":{"componentId":"process-orders.hreactor"}}]}""",
            JsonNode.Parse(api.Request.Body)!.ToJsonString());
    }

    [Fact]
    public async Task And_told_as_JSON_or_ids()
    {
        using var shell = new Shell(api) { Input = "{uri: /resources/job-definitions/a, spec: {componentId: b}}" };
        api.Answers(Applied).Answers(Applied);
        Assert.Equal(JsonNode.Parse(Applied)!.ToJsonString(), JsonNode.Parse((await shell.Run("apply", "-f", "-", "-o", "json")).Out)!.ToJsonString());
        Assert.Equal("process-orders.hreactor\nnightly-order-processing\n", (await shell.Run("apply", "-f", "-", "-o", "ids")).Out);
    }

    [Fact]
    public async Task Refused_with_the_line_and_the_field_of_each_mistake()
    {
        using var shell = new Shell(api);
        shell.Write("m.yaml", "# jobs\nuri: /resources/rules/a\nspec: {}\n---\nuri: /resources/job-definitions/b\nspec:\n  component_id:\n    - 1\n---\nuri: /resources/components/c\nspec: {functionName: f}\n");
        api.Refuses(400, "invalid_request", "3 fields are wrong.",
            """[{"pointer":"/documents/0/uri","detail":"is not known"},{"pointer":"/documents/1/spec/component_id","detail":"must be a string"},{"pointer":"/documents/2/spec/function_name","detail":"is odd"},{"pointer":"/documents/2/spec/code","detail":"is missing"}]""");
        var ended = await shell.Run("apply", "-f", "m.yaml");
        Assert.Equal((1, ""), (ended.Exit, ended.Out));
        Assert.Equal(
            """
            error: m.yaml is not applied, for 4 reasons (invalid_request)
              m.yaml:2:1: uri is not known
              m.yaml:7:3: spec.component_id must be a string
              m.yaml:11:8: spec.function_name is odd
              m.yaml:11:1: spec.code is missing

            """, ended.Error);
    }

    [Theory]
    [InlineData("uri: [", "error: m.yaml:2:1: is not YAML: While parsing a node")]
    [InlineData("uri: a\nuri: b\n", "error: m.yaml:2:1: is not YAML: Duplicate key uri")]
    [InlineData("", "error: m.yaml has no documents\n")]
    [InlineData("---\n---\n", "error: m.yaml has no documents\n")]
    [InlineData("? [a]\n: b\n", "error: m.yaml:1:3: the name of a field must be a text\n")]
    [InlineData("uri: u\nspec:\n  codeFile: none.ts\n", "error: m.yaml is not applied\n  m.yaml:3:3: spec.codeFile cannot be read: Could not find file")]
    public async Task What_cannot_be_sent_is_refused_before(string text, string error)
    {
        using var shell = new Shell(api);
        shell.Write("m.yaml", text);
        var ended = await shell.Run("apply", "-f", "m.yaml");
        Assert.Equal(2, ended.Exit);
        Assert.StartsWith(error, ended.Error, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task Aliases_of_aliases_end()
    {
        var text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        using var shell = new Shell(api) { Input = text };
        var ended = await shell.Run("apply", "-f", "-");
        Assert.Equal((2, "error: standard input has more than 100000 values when its aliases are followed\n"), (ended.Exit, ended.Error));
    }
}
