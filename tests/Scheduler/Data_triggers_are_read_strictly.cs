using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A trigger on a table: its name, what has to happen, and a condition.</summary>
public sealed class Data_triggers_are_read_strictly
{
    [Theory]
    [InlineData("""{"table": "public.orders", "events": ["insert","update","delete"]}""", """{"table":"public.orders","events":["insert","update","delete"]}""")]
    [InlineData("""{"table": "orders"}""", """{"table":"public.orders","events":["insert","update","delete"]}""")]
    [InlineData("""{"table": "orders", "events": ["delete", "insert"], "database": null, "when": null}""", """{"table":"public.orders","events":["insert","delete"]}""")]
    [InlineData("""{"table": "\"My Shop\".\"a.b\"", "events": null}""", """{"table":"\"My Shop\".\"a.b\"","events":["insert","update","delete"]}""")]
    [InlineData("""{"table": "s.t", "when": {"new": {"camelCase": 1, "snake_case": {"a": null}}, "old": {"x": 1.50}}, "database": "shop"}""",
        """{"table":"s.t","events":["insert","update","delete"],"when":{"old":{"x":1.50},"new":{"camelCase":1,"snake_case":{"a":null}}},"database":"shop"}""")]
    public void It_is_kept_in_one_spelling(string body, string kept)
    {
        var trigger = Read(body);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(kept), trigger.Settings), trigger.Settings.ToJsonString());
        Assert.True(trigger.IsSameAs(trigger.ToRow("acme", "trg_1", "job", DateTimeOffset.UnixEpoch)));
    }

    [Theory]
    [InlineData("{}", "/table", "is required")]
    [InlineData("""{"table": ""}""", "/table", null)]
    [InlineData("""{"table": "a.b.c"}""", "/table", null)]
    [InlineData("""{"table": "a b"}""", "/table", null)]
    [InlineData("""{"table": "\"a"}""", "/table", null)]
    [InlineData("""{"table": "a\u0000"}""", "/table", null)]
    [InlineData("""{"table": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""", "/table", null)]
    [InlineData("""{"table": "t", "events": []}""", "/events", "must name at least one")]
    [InlineData("""{"table": "t", "events": ["insert", "insert"]}""", "/events", "must not name one twice")]
    [InlineData("""{"table": "t", "events": ["insert", "upsert"]}""", "/events/1", "must be one of insert, update, delete")]
    [InlineData("""{"table": "t", "events": ["truncate"]}""", "/events/0", "must be one of insert, update, delete")]
    [InlineData("""{"table": "t", "events": "insert"}""", "/events", null)]
    [InlineData("""{"table": "t", "when": {}}""", "/when", "must have old or new")]
    [InlineData("""{"table": "t", "when": []}""", "/when", "must be an object")]
    [InlineData("""{"table": "t", "when": {"new": 1}}""", "/when/new", "must be an object of columns and the values that they have to have")]
    [InlineData("""{"table": "t", "when": {"new": {}}}""", "/when/new", null)]
    [InlineData("""{"table": "t", "when": {"new": {"a": "\ud800"}}}""", "/when/new", "holds half of a surrogate pair, which is no text")]
    [InlineData("""{"table": "t", "when": {"new": {"a": 1, "a": 2}}}""", "/when/new", "has a twice")]
    [InlineData("""{"table": "t", "when": {"new": {"a": 1}, "neu": {"b": 1}}}""", "/when/neu", "is not a known field; did you mean new?")]
    [InlineData("""{"table": "t", "database": "Shop"}""", "/database", null)]
    [InlineData("""{"table": "t", "database": "shop\n"}""", "/database", null)]
    [InlineData("""{"table": "t", "tabel": "t"}""", "/tabel", "is not a known field; did you mean table?")]
    public void What_is_wrong_is_named(string body, string pointer, string? detail)
    {
        var refused = Assert.Throws<ProblemException>(() => Read(body));
        var error = Assert.Single(refused.Problem.Errors!);
        Assert.Equal(pointer, error.Pointer);
        if (detail is not null)
            Assert.Equal(detail, error.Detail);
    }

    [Fact]
    public void Nothing_else_comes_of_a_malformed_one() => Prop.ForAll(Bodies().ToArbitrary(), body =>
    {
        try
        {
            var trigger = Read(body);
            return JsonNode.DeepEquals(trigger.Settings, JsonNode.Parse(trigger.ToRow("acme", "trg_1", "job", DateTimeOffset.UnixEpoch).Settings));
        }
        catch (ProblemException refused)
        {
            return refused.Problem is { Status: 400 or 413, Code: "invalid_request" or "payload_too_large" } && refused.Problem.Errors!.All(x => x.Pointer.Length == 0 || x.Pointer[0] == '/');
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    /// <summary>Fields of the right names with values of any kind.</summary>
    static Gen<string> Bodies()
    {
        var text = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(x => JsonSerializer.Serialize(x.Get));
        var value = Gen.OneOf(
            text, Gen.Elements("null", "true", "1", "-1e400", "[]", "{}", "[[]]", "\"insert\"", "[\"insert\"]", "[\"insert\",1]", "{\"new\":{\"a\":1}}", "{\"new\":[]}", "{\"old\":{\"\\ud83d\":1}}", "\"public.orders\"", "\"a.\\\"b\\\"\"", "\"\\udc00\""));
        var name = Gen.Frequency((9, Gen.Elements("table", "events", "when", "database")), (1, ArbMap.Default.GeneratorFor<NonNull<string>>().Select(x => x.Get)));
        return Gen.Zip(name, value).Select(x => $"{JsonSerializer.Serialize(x.Item1)}:{x.Item2}").ListOf().Select(x => "{" + string.Join(',', x) + "}");
    }

    static DataTrigger Read(string body)
    {
        var fields = new Fields(RequestBody.Parse(System.Text.Encoding.UTF8.GetBytes(body)), "");
        var trigger = DataTrigger.Read(fields);
        fields.Done();
        return trigger;
    }
}
