using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Resources;

namespace ReactorJobs.Tests.Scheduler.Resources;

/// <summary>No path and no document of a resource, however malformed, gets anything but the resource that it names, or the refusal that names the field.</summary>
public sealed class Whatever_a_path_names_is_answered
{
    static readonly string Long = new('a', 129);

    static readonly string[] Pieces =
    [
        "/", "/resources", "/resources/", "components", "job-definitions", "job-definition", "rules", "/a", "process-orders.hreactor", "saveImage%2Flocal", "ns:fn", "runs", "..", ".", "%2F", "%2f", "%2e%2e", "%00", "%",
        "//", "\\", "?", "#", " ", "\0", "é", "\ud83d", "😀", "http:%2F%2Fa", "https://a", "\n", Long,
    ];

    static Gen<string> Path { get; } = Gen.OneOf(
        Gen.Elements(Pieces).ListOf().Select(string.Concat),
        from kind in Gen.Elements("components", "job-definitions", "Components", "component", "x")
        from rest in Gen.Elements(Pieces).ListOf()
        select $"/resources/{kind}/{string.Concat(rest)}",
        from kind in Gen.Elements("components", "job-definitions")
        from id in Gen.Elements("process-orders.hreactor", "saveImage%2Flocal", "saveImage/local", "ns:fn", "nightly-order-processing")
        from piece in Gen.Frequency((1, Gen.Constant("")), (1, Gen.Elements(Pieces)))
        from first in Gen.Elements(true, false)
        select $"/resources/{kind}/{(first ? piece + id : id + piece)}",
        ArbMap.Default.GeneratorFor<string>().Select(x => $"/resources/components/{x}"));

    [Fact]
    public void With_the_resource_or_with_what_is_wrong()
    {
        var (named, refused) = (0, 0);
        Prop.ForAll(Path.ToArbitrary(), text =>
        {
            var (uri, fault) = ResourceUri.Parse(text);
            Interlocked.Increment(ref fault is null ? ref named : ref refused);
            if (fault is not null)
                return fault.Length is > 5 and < 300;
            // What is taken is a name that every place may hold, and its own path leads back to it.
            return HandlerName.Fits(uri.Id) && (uri.Kind != ResourceUri.Definitions || JobName.Fault(uri.Id) is null)
                && ResourceUri.Parse(uri.ToString()) == (uri, null) && ResourceUri.Parse($"/resources/{uri.Kind}/{Uri.EscapeDataString(uri.Id).Replace("%3A", ":", StringComparison.Ordinal)}") == (uri, null);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000).WithReplay(1_234_567_891, 987_654_321));
        Assert.True(named > 500 && refused > 2_500, $"{named} were resources, {refused} refused");
    }

    static readonly string[] Fields = ["uri", "spec", "Uri", "specs", "componentId", "component_id", "functionName", "codeFile", "code", "\\u0000", "\\ud83d", ""];

    static readonly string[] Values =
    [
        "null", "1", "[]", "{}", "\"\"", "\"\\u0000\"", "\"\\ud83d\"", "\"a\"", "\"a b\"", "\"a.ts\"", "\"../a.ts\"", "\"a\\n.ts\"", "\"a\\u0000.ts\"", "\"a.py\"", "\"export default () => 1\"", "\"https://a/b\"",
        "\"/resources/components/a\"", "\"/resources/job-definitions/a\"", "\"/resources/job-definitions/../a\"", "\"/resources/rules/a\"", "{\"componentId\": \"a\"}", "{\"functionName\": \"f\"}",
        "{\"codeFile\": \"a.ts\", \"code\": \"1\"}", "{\"codeFile\": \"a\\u0000.ts\", \"code\": \"1\"}", "{\"codeFile\": \"a.ts\", \"code\": 1}", "{\"\\ud83d\": 1}", "{\"spec\": {}}",
    ];

    [Fact]
    public void With_the_manifest_or_with_every_mistake_in_it()
    {
        var field = from name in Gen.Elements(Fields) from value in Gen.Elements(Values) select $"\"{name}\": {value}";
        var document =
            from kind in Gen.Elements("\"uri\": \"/resources/components/a\", \"spec\": {\"functionName\": \"f\"}", "\"uri\": \"/resources/job-definitions/b\", \"spec\": {\"componentId\": \"a\"}", "\"uri\": \"/resources/components/c\"", "\"spec\": {}")
            from count in Gen.Frequency((2, Gen.Constant(0)), (2, Gen.Constant(1)), (1, Gen.Constant(2)))
            from fields in field.ListOf(count)
            select "{" + string.Join(", ", fields.Prepend(kind)) + "}";
        var manifests = Gen.OneOf(
            Gen.Choose(0, 3).SelectMany(count => Gen.Frequency((9, document), (1, Gen.Elements(Values))).ListOf(count)).Select(x => $"{{\"documents\": [{string.Join(", ", x)}]}}"),
            field.Select(x => $"{{\"documents\": [], {x}}}"),
            Gen.Elements(Values).Select(x => $"{{\"documents\": {x}}}"));
        var (taken, refused) = (0, 0);
        Prop.ForAll(manifests.ToArbitrary(), manifest =>
        {
            try
            {
                var writes = ResourceManifest.Read(new(RequestBody.Parse(Encoding.UTF8.GetBytes(manifest)), ""));
                Interlocked.Increment(ref taken);
                return writes.All(x => x is ComponentWrite { Spec: var spec } ? spec.FunctionName is not null || (spec.Code is not null && !spec.CodeFile!.Any(char.IsControl)) : x is DefinitionWrite { ComponentId.Length: > 0 });
            }
            catch (ProblemException exception)
            {
                Interlocked.Increment(ref refused);
                return exception.Problem is { Status: 400, Code: "invalid_request", Errors: { Count: > 0 } errors } && errors.All(x => (x.Pointer.StartsWith('/') || x.Pointer.Length == 0) && x.Detail.Length is > 5 and < 300)
                    && JsonSerializer.Serialize(errors).Length > 0;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000).WithReplay(1_234_567_891, 987_654_321));
        Assert.True(taken > 500 && refused > 2_500, $"{taken} were taken, {refused} refused");
    }
}
