using System.Text;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Tests.Executor;

/// <summary>The frames by which handlers schedule, and ask about it.</summary>
public sealed class A_handler_schedules_runs
{
    const string Run = "run_01HZZZZZZZZZZZZZZZZZZZZZZZ";

    static WorkerFrame Read(string fields) =>
        Assert.Single(FrameReader.Read(Encoding.UTF8.GetBytes($$"""[{"id":7,"run":"{{Run}}","epoch":1,{{fields}}}]""")));

    static string Checkpoint(string schedule, string key = "schedule:0") => $$"""
        "t":"checkpoint","key":"{{key}}","schedules":[{{{schedule}}}]
        """;

    /// <summary>The same as in the SDK's test/scheduler.test.ts.</summary>
    [Theory]
    [InlineData("schedule:0", 0, "run_01HZZZZZZZ1V4HC09795811X3W")]
    [InlineData("step:ü", 7, "run_01HZZZZZZZVWJY9NHTF88VTQQD")]
    public void Their_ids_follow_from_run_key_and_number(string key, int index, string id)
    {
        Assert.True(RunId.TryParse(Run, out var run));
        Assert.Equal(id, AttemptMessages.ScheduledRunOf(run, key, index).ToString());
    }

    [Fact]
    public void A_schedule_comes_with_its_entry()
    {
        var frame = (CheckpointFrame)Read(Checkpoint("\"index\":0,\"id\":\"run_01HZZZZZZZ1V4HC09795811X3W\",\"job\":\"ns:fn\",\"args\":{\"a\": 1},\"delay_ms\":30000"));
        var start = Assert.Single(frame.Write.Schedules!);
        Assert.Equal(("ns:fn", "{\"a\": 1}", null, 30_000L), (start.Job, start.Args.ToString(), start.At, start.DelayMs));
        frame = (CheckpointFrame)Read(Checkpoint("\"index\":0,\"id\":\"run_01HZZZZZZZ1V4HC09795811X3W\",\"job\":\"a\",\"run_at\":\"2026-01-31T09:00:00.5Z\""));
        start = Assert.Single(frame.Write.Schedules!);
        Assert.Equal((DateTimeOffset?)new DateTimeOffset(2026, 1, 31, 9, 0, 0, 500, TimeSpan.Zero), start.At);
        Assert.True(start.Args.IsNull);
    }

    [Theory]
    [InlineData("\"id\":\"run_01HZZZZZZZ1V4HC09795811X3W\",\"job\":\"a\"", "schedules/0/index: is required")]
    [InlineData("\"index\":1000,\"id\":\"run_01HZZZZZZZ1V4HC09795811X3W\",\"job\":\"a\"", "schedules/0/index: must be a whole number from 0 to 999")]
    [InlineData("\"index\":1,\"id\":\"run_01HZZZZZZZ1V4HC09795811X3W\",\"job\":\"a\"", "schedules/0/id: must be run_01HZZZZZZZ")]
    [InlineData("\"index\":0,\"id\":\"x\",\"job\":\"a\"", "schedules/0/id: must be run_01HZZZZZZZ1V4HC09795811X3W, which follows from")]
    [InlineData("\"index\":0,\"id\":\"run_01HZZZZZZZ1V4HC09795811X3W\"", "schedules/0/job: is required")]
    [InlineData("\"index\":0,\"id\":\"run_01HZZZZZZZ1V4HC09795811X3W\",\"job\":\"a b\"", "schedules/0/job: must begin with a letter or digit")]
    [InlineData("\"index\":0,\"id\":\"run_01HZZZZZZZ1V4HC09795811X3W\",\"job\":\"a\",\"delay_ms\":-1", "schedules/0/delay_ms: must be a number of milliseconds")]
    [InlineData("\"index\":0,\"id\":\"run_01HZZZZZZZ1V4HC09795811X3W\",\"job\":\"a\",\"run_at\":\"soon\"", "schedules/0/run_at: must be a time")]
    [InlineData("\"index\":0,\"id\":\"run_01HZZZZZZZ1V4HC09795811X3W\",\"job\":\"a\",\"delay_ms\":1,\"run_at\":\"2026-01-31T09:00:00Z\"", "schedules/0/delay_ms: cannot stand beside run_at")]
    public void A_wrong_schedule_is_refused_with_its_place(string schedule, string says) =>
        Assert.Contains(says, ((WrongFrame)Read(Checkpoint(schedule))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"t\":\"ask\",\"what\":\"weather\"", "what: must be one of target, scheduled, scheduled_list, cancel_scheduled")]
    [InlineData("\"t\":\"ask\",\"what\":\"target\"", "of: is required")]
    [InlineData("\"t\":\"ask\",\"what\":\"scheduled_list\",\"limit\":501", "limit: must be a whole number from 1 to 500")]
    [InlineData("\"t\":\"ask\",\"what\":\"target\",\"of\":\"a\",\"bytes\":-1", "bytes: must be a whole number")]
    public void A_wrong_question_is_refused_with_its_place(string question, string says) =>
        Assert.Contains(says, ((WrongFrame)Read(question)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_reply_has_the_questions_number()
    {
        using var writer = new FrameWriter(TimeProvider.System, 0);
        writer.Begin();
        writer.Write(ServerFrame.Reply(7, RawJson.Trusted("{\"job\":\"a\"}")));
        writer.End();
        Assert.Equal("""[{"t":"reply","id":7,"value":{"job":"a"}}]""", Encoding.UTF8.GetString(writer.Written.Span));
    }
}
