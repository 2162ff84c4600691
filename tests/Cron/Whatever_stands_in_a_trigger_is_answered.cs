using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Tests.Cron;

/// <summary>No schedule, zone or field, however malformed, gets anything but a trigger that fires, or the documented refusal that names the field.</summary>
public sealed class Whatever_stands_in_a_trigger_is_answered
{
    static readonly string[] Names =
    [
        "schedule", "cron", "timezone", "seconds", "payload", "misfire", "misfire_window", "misfireWindow", "overlap", "jitter", "kind", "type", "topic", "Schedule", "a\\u0000b", "\\ud83d", "",
    ];

    static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "1e400", "1.5", "60000", "99999999999999999999", "[]", "{}", "[[1, 2]]", "{\"a\": \"\\ud83d\"}", "{\"a\":1,\"a\":2}", "\"\"", "\"\\u0000\"", "\"\\ud83d\"", "\"😀\"",
        "\"cron\"", "\"event\"", "\"skip\"", "\"all\"", "\"queue\"", "\"cancel_running\"", "\"1h\"", "\"61m\"", "\"PT1H\"", "\"P1Y\"", "\"-1s\"", "\"0.0000001s\"", "\"1e9\"",
        "\"UTC\"", "\"utc\"", "\"Europe/Berlin\"", "\"../../etc/passwd\"", "\"posix/UTC\"", "\"/etc/localtime\"", "\"Europe\"", "\"Etc/GMT+12\"",
        "\"* * * * *\"", "\"*/7 * * * * *\"", "\"@daily\"", "\"0 0 30 2 *\"", "\" 0\\t9 * * mon-fri \"", "\"L * * * *\"", "\"* * * * * * *\"",
    ];

    [Fact]
    public void With_a_trigger_that_is_kept_and_shown_or_with_a_refusal()
    {
        var field =
            from name in Gen.Elements(Names)
            from value in Gen.Frequency((5, Gen.Elements(Values)), (2, Expressions.Text.Select(x => JsonSerializer.Serialize(x))))
            select $"\"{name}\": {value}";
        var documents =
            from start in Gen.Elements("\"kind\": \"cron\", \"schedule\": \"@hourly\"", "\"kind\": \"cron\"", "\"type\": \"cron\", \"cron\": \"* * * * *\"", "\"kind\": \"cron\", \"timezone\": \"Asia/Tokyo\"")
            from count in Gen.Choose(0, 4)
            from fields in field.ListOf(count)
            select "{" + string.Join(", ", fields.Prepend(start)) + "}";
        var (kept, refused) = (0, 0);
        Prop.ForAll(documents.ToArbitrary(), document =>
        {
            try
            {
                var fields = new Fields(RequestBody.Parse(Encoding.UTF8.GetBytes(document)), "");
                var request = TriggerRequest.Read(fields);
                fields.Done();
                Interlocked.Increment(ref kept);
                return request is not CronTrigger cron || IsSound(cron);
            }
            catch (ProblemException exception)
            {
                Interlocked.Increment(ref refused);
                return exception.Problem is { Status: 400, Code: "invalid_request", Errors: { Count: > 0 } errors } && errors.All(x => x.Pointer.StartsWith('/') && x.Detail.Length > 0);
            }
        }).Check(Expressions.Config.WithMaxTest(20_000));
        Assert.True(kept > 1_000 && refused > 1_000, $"{kept} were kept, and {refused} refused");
    }

    [Theory]
    [InlineData("\"schedule\": \" 0  9 * * mon \"", """{"schedule":"0 9 * * MON"}""")]
    [InlineData("\"cron\": \"@Daily\", \"timezone\": \"UTC\", \"overlap\": \"allow\", \"misfire\": \"last\", \"misfire_window\": \"24h\", \"jitter\": \"0s\"", """{"schedule":"@daily"}""")]
    [InlineData("\"schedule\": \"0 * * * * *\", \"seconds\": true, \"jitter\": \"90s\", \"misfireWindow\": 7200000", """{"schedule":"0 * * * * *","seconds":true,"misfire_window":7200000,"jitter":90000}""")]
    public void What_means_the_same_is_kept_in_one_spelling(string fields, string settings)
    {
        var read = new Fields(JsonDocument.Parse("{\"kind\": \"cron\", " + fields + "}").RootElement, "");
        Assert.Equal(settings, TriggerRequest.Read(read)!.Settings.ToJsonString());
    }

    [Theory]
    [InlineData("""{ "a" : [ 1.0, "x  \" y" ], "b":	12345678901234567890 }""")]
    [InlineData("""{"a": "\ud83d", "\u0000": 1e400, "a": 2}""")]
    [InlineData("\"a\\\\\"")]
    public void A_payload_comes_out_as_it_went_in_but_for_blanks(string payload)
    {
        var read = new Fields(JsonDocument.Parse("{\"kind\": \"cron\", \"schedule\": \"@daily\", \"payload\": " + payload + "}").RootElement, "");
        var kept = CronTrigger.Of(TriggerRequest.Read(read)!.Settings.ToJsonString()).Payload;
        Assert.Equal(Tokens(payload), Tokens(kept.ToString()));
    }

    /// <summary>Kept, read again, shown and asked for its next time, it is the same and fails nowhere.</summary>
    static bool IsSound(CronTrigger cron)
    {
        var settings = cron.Settings.ToJsonString();
        var again = CronTrigger.Of(settings);
        var now = Given.At("2026-03-01T12:00:00Z");
        var row = cron.ToRow("acme", "trg_1", "job", now);
        var view = TriggerView.Of(row, now);
        JsonSerializer.Serialize(view, ApiJson.Options);
        return again.Settings.ToJsonString() == settings && again.IsSameAs(row) && view.NextFireAt > now && view.Description!.Length > 0
            && again.Payload.IsNull == cron.Payload.IsNull && (again.Misfire, again.Overlap, again.Jitter) == (cron.Misfire, cron.Overlap, cron.Jitter);
    }

    static string Tokens(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        var text = new StringBuilder();
        while (reader.Read())
            text.Append(reader.TokenType).Append(' ').Append(Encoding.UTF8.GetString(reader.ValueSpan)).Append('\n');
        return text.ToString();
    }
}
