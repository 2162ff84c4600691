using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A body read field by field: two spellings, nothing unknown, every mistake with its pointer.</summary>
public sealed class Fields_are_read_in_both_spellings
{
    [Theory]
    [InlineData("max_attempts")]
    [InlineData("maxAttempts")]
    public void Snake_and_camel(string field) => Assert.Equal(5, Fields($$"""{"{{field}}": 5}""").Integer("max_attempts", 0, 9));

    [Fact]
    public void Both_spellings_at_once_are_one_too_many() =>
        Assert.Equal(("/maxAttempts", "is given twice"), One("""{"max_attempts": 1, "maxAttempts": 1}""", fields => fields.Integer("max_attempts", 0, 9)));

    [Fact]
    public void One_name_twice_is_one_too_many() => Assert.Equal(("/a", "is given twice"), One("""{"a": 1, "a": 2}""", fields => fields.Integer("a", 0, 9)));

    [Theory]
    [InlineData("colour", "is not a known field")]
    [InlineData("topci", "is not a known field; did you mean topic?")]
    [InlineData("max", "is not a known field; did you mean max_attempts?")]
    [InlineData("Topic", "is not a known field; did you mean topic?")]
    [InlineData("maxAttempt", "is not a known field; did you mean max_attempts?")]
    public void An_unknown_field_is_refused_and_perhaps_recognised(string field, string detail) => Assert.Equal(("/" + field, detail), One($$"""{"{{field}}": 1}""", fields =>
    {
        fields.String("topic");
        fields.Integer("max_attempts", 0, 9);
    }));

    public static TheoryData<string, string, string> WrongTypes => new()
    {
        { "string", "5", "must be a string" },
        { "string", "\"\\ud800\"", "holds half of a surrogate pair, which is no text" },
        { "integer", "\"5\"", "must be a whole number from 1 to 9" },
        { "integer", "0", "must be a whole number from 1 to 9" },
        { "integer", "1e99", "must be a whole number from 1 to 9" },
        { "number", "9.5", "must be a number from 1 to 9" },
        { "boolean", "1", "must be true or false" },
        { "one", "\"c\"", "must be one of a, b" },
        { "duration", "\"5 minutes\"", "must be a duration such as 500ms, 30s, 5m, 24h, 7d, PT1H30M or a number of milliseconds" },
        { "time", "\"soon\"", "must be a time as in RFC 3339, such as 2026-01-31T09:00:00Z" },
        { "object", "[]", "must be an object" },
        { "array", "{}", "must be an array of at most 2" },
        { "array", "[1, 2, 3]", "must be an array of at most 2" },
    };

    [Theory]
    [MemberData(nameof(WrongTypes))]
    public void A_wrong_type_is_told(string type, string value, string detail) => Assert.Equal(("/f", detail), One($$"""{"f": {{value}}}""", fields => Read(fields, type)));

    [Theory]
    [InlineData("string")]
    [InlineData("integer")]
    [InlineData("number")]
    [InlineData("boolean")]
    [InlineData("one")]
    [InlineData("duration")]
    [InlineData("time")]
    [InlineData("object")]
    [InlineData("array")]
    public void Null_is_not_given(string type)
    {
        var fields = Fields("""{"f": null}""");
        Assert.Null(Read(fields, type));
        fields.Done();
    }

    [Fact]
    public void Inner_objects_and_arrays_have_their_place() => Assert.Equal(["/list/1/x", "/outer/b"], All("""{"outer": {"a": 1, "b": 2}, "list": [{}, {"x": 1}]}""", fields =>
    {
        var outer = fields.Object("outer")!;
        outer.Integer("a", 0, 9);
        outer.NoOthers();
        fields.Array("list", 9, (element, at, parent) =>
        {
            new Fields(element, at, parent).NoOthers();
            return 0;
        });
    }).Select(x => x.Pointer).Order());

    [Fact]
    public void A_payload_keeps_its_text_and_has_a_limit()
    {
        Assert.Equal("""{"b": 1.0, "a" : null}""", Fields("""{"payload": {"b": 1.0, "a" : null}}""").Payload("payload").ToString());
        Assert.Equal(RawJson.Null, Fields("""{"payload": null}""").Payload("payload"));
        Assert.Null(Fields("{}").Payload("payload"));
        var problem = Assert.Throws<ProblemException>(() => Fields("""{"payload": "12345"}""").Payload("payload", limit: 6)).Problem;
        Assert.Equal((413, "payload_too_large", "/payload"), (problem.Status, problem.Code, problem.Errors![0].Pointer));
    }

    [Theory]
    [InlineData("2026-03-01T12:00:00Z")]
    [InlineData("2026-03-01T13:00:00+01:00")]
    [InlineData("2026-03-01T12:00:00")] // UTC where nothing else is said
    public void A_time_is_UTC(string text) => Assert.Equal(ManualTime.Start, Fields($$"""{"at": "{{text}}"}""").Time("at"));

    static object? Read(Fields fields, string type) => type switch
    {
        "string" => fields.String("f"),
        "integer" => fields.Integer("f", 1, 9),
        "number" => fields.Number("f", 1, 9),
        "boolean" => fields.Boolean("f"),
        "one" => fields.OneOf("f", false, "a", "b"),
        "duration" => fields.Duration("f"),
        "time" => fields.Time("f"),
        "object" => fields.Object("f"),
        _ => fields.Array("f", 2, (_, _, _) => 0),
    };

    static (string, string) One(string json, Action<Fields> read)
    {
        var error = Assert.Single(All(json, read));
        return (error.Pointer, error.Detail);
    }

    static IReadOnlyList<InputError> All(string json, Action<Fields> read)
    {
        var fields = Fields(json);
        read(fields);
        return Assert.Throws<ProblemException>(() => fields.Done()).Problem.Errors!;
    }

    static Fields Fields(string json) => new(JsonDocument.Parse(json).RootElement, "");
}
