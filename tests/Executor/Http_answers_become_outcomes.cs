using System.Text;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.HttpHandlers;

namespace ReactorJobs.Tests.Executor;

public sealed class Http_answers_become_outcomes
{
    static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(200, "{\"a\": 1}", "{\"a\": 1}")]
    [InlineData(204, "", "null")]
    [InlineData(200, "hello \"you\"", "\"hello \\u0022you\\u0022\"")]
    [InlineData(202, "[1]", "[1]")]
    public void A_2xx_completes(int status, string body, string result)
    {
        var ending = new HttpAnswer(status, null, null, Encoding.UTF8.GetBytes(body)).Read(Now);
        Assert.Equal(("completed", result), (ending.Outcome, ending.Result.ToString()));
    }

    [Theory]
    [InlineData(408, false)]
    [InlineData(425, false)]
    [InlineData(429, false)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    [InlineData(400, true)]
    [InlineData(404, true)]
    [InlineData(422, true)]
    [InlineData(302, true)]
    public void Others_fail_for_good_or_not(int status, bool fatal)
    {
        var ending = new HttpAnswer(status, null, "7", Encoding.UTF8.GetBytes("why")).Read(Now);
        Assert.Equal(("failed", fatal, fatal ? null : 7000L), (ending.Outcome, ending.Fatal, ending.RetryAfterMs));
        Assert.Contains(status == 302 ? "redirect" : $"{status}: why", ending.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7", 7000L)]
    [InlineData("Thu, 01 Jan 2026 00:01:00 GMT", 60_000L)]
    [InlineData("Wed, 31 Dec 2025 00:01:00 GMT", 0L)]
    [InlineData("soon", null)]
    [InlineData("-1", null)]
    [InlineData(null, null)]
    public void Retry_after_is_seconds_or_a_date(string? header, long? expected) => Assert.Equal(expected, HttpAnswer.RetryAfterMs(header, Now));

    [Fact]
    public void The_sdk_says_that_it_is_suspended_or_has_failed()
    {
        Assert.Equal(["sleep:a"], new HttpAnswer(202, "suspended", null, "{\"waits\":[\"sleep:a\"]}"u8.ToArray()).Read(Now).WaitKeys!);
        Assert.True(new HttpAnswer(202, "suspended", null, "{}"u8.ToArray()).Read(Now).Fatal);
        var failed = new HttpAnswer(500, "failed", null, "{\"error\":{\"name\":\"E\",\"message\":\"m\",\"step\":\"s\"}}"u8.ToArray()).Read(Now);
        Assert.Equal(("E", "m", "s", false), (failed.Error!.Name, failed.Error.Message, failed.Error.Step, failed.Fatal));
        Assert.True(new HttpAnswer(422, "failed", null, "{\"error\":{}}"u8.ToArray()).Read(Now).Fatal);
    }

    /// <summary>Escaped, half of a surrogate pair may stand in any JSON, as a name too.</summary>
    [Fact]
    public void A_field_without_a_name_is_passed_over()
    {
        var failed = new HttpAnswer(500, "failed", null, """{"\ud83d":1,"error":{"name":"E","message":"m"},"\ud83d":2}"""u8.ToArray()).Read(Now);
        Assert.Equal(("E", "m"), (failed.Error!.Name, failed.Error.Message));
    }

    [Fact]
    public void A_too_large_answer_is_fatal() => Assert.True(new HttpAnswer(200, null, null, null).Read(Now).Fatal);

    [Fact]
    public void A_token_is_good_for_its_attempt_and_key_only()
    {
        var run = new RunKey("acme/x", new Bench().Ids.NewRun());
        var token = new CallbackTokens(new byte[32]).For(run, 3);
        Assert.Equal((run, 3), new CallbackTokens(new byte[32]).Read(token));
        Assert.Null(new CallbackTokens([1, .. new byte[31]]).Read(token));
        Assert.Null(new CallbackTokens(new byte[32]).Read(token[..^2] + "AA"));
        Assert.Null(new CallbackTokens(new byte[32]).Read("x"));
    }
}
