using System.Text;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Tests.Executor;

public sealed class Frames_are_read_strictly
{
    const string Run = "run_01J00000000000000000000000";

    static List<WorkerFrame> Read(string message) => FrameReader.Read(Encoding.UTF8.GetBytes(message.Replace("RUN", $"\"run\":\"{Run}\",\"epoch\":1", StringComparison.Ordinal)));

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{", "array of frames")]
    [InlineData("{}", "array of frames")]
    [InlineData("[1]", "Frame 0 is not an object")]
    [InlineData("[{}]", "t: is required")]
    [InlineData("[{\"t\":1}]", "t: must be a string")]
    [InlineData("[{\"t\":\"ping\"},{\"t\":\"jump\"}]", "t: \"jump\" is not a frame of protocol 1")]
    [InlineData("[{\"t\":\"ping\"}", "not JSON")]
    [InlineData("[{\"t\":\"ping\"}] 1", "not JSON")]
    [InlineData("[{\"t\":\"ping\",}]", "not JSON")]
    [InlineData("[{\"t\":\"release\",RUN}]", "id: is required")]
    [InlineData("[{\"t\":\"release\",\"id\":\"1\",RUN}]", "id: must be a whole number")]
    [InlineData("[{\"t\":\"release\",\"id\":1,\"epoch\":1}]", "run: is required")]
    [InlineData("[{\"t\":\"release\",\"id\":1,\"run\":\"x\",\"epoch\":1}]", "run: must be an id that begins with run_")]
    [InlineData("[{\"t\":\"release\",\"id\":1,\"run\":\"\\ud800\",\"epoch\":1}]", "run: is not valid text")]
    [InlineData("[{\"t\":\"release\",\"id\":1,\"run\":\"run_01J00000000000000000000000\",\"epoch\":0}]", "epoch: must be a whole number from 1")]
    [InlineData("[{\"t\":\"log\",RUN}]", "entries: is required")]
    [InlineData("[{\"t\":\"log\",RUN,\"entries\":[{\"ts\":\"x\"}]}]", "entries/0/ts: must be a time")]
    [InlineData("[{\"t\":\"hello\",\"protocol\":1}]", "handlers: must be an array")]
    [InlineData("[{\"t\":\"hello\",\"protocol\":1,\"handlers\":[\"h\"],\"slots\":1}]", "name: is required")]
    [InlineData("[{\"t\":\"hello\",\"protocol\":1,\"handlers\":[\"h\"],\"name\":\"w\",\"slots\":0}]", "slots: must be a whole number from 1 to 10000")]
    [InlineData("[{\"t\":\"hello\",\"protocol\":1,\"handlers\":[\"h\"],\"name\":\"w\",\"slots\":10001}]", "slots")]
    [InlineData("[{\"t\":\"hello\",\"protocol\":1,\"handlers\":[1],\"name\":\"w\",\"slots\":1}]", "handlers: must be an array of strings")]
    [InlineData("[{\"t\":\"hello\"}]", "protocol: is required")]
    public void A_message_that_is_no_message_ends_the_connection(string message, string says)
    {
        var exception = Assert.Throws<ProtocolException>(() => Read(message));
        Assert.Equal(ProtocolException.InvalidFrame, exception.Code);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"t\":\"checkpoint\"", "key: is required")]
    [InlineData("\"t\":\"checkpoint\",\"key\":\"a\"", "key: must be a kind and a name")]
    [InlineData("\"t\":\"checkpoint\",\"key\":\"step:\\u0000\"", "key: must be a kind and a name")]
    [InlineData("\"t\":\"checkpoint\",\"key\":\"sleep:a\"", "sleep_ms: is required")]
    [InlineData("\"t\":\"checkpoint\",\"key\":\"sleep:a\",\"sleep_ms\":-1", "sleep_ms: must be a number of milliseconds")]
    [InlineData("\"t\":\"checkpoint\",\"key\":\"sleep:a\",\"sleep_ms\":1e300", "sleep_ms: must be")]
    [InlineData("\"t\":\"checkpoint\",\"key\":\"step:a\",\"state\":[]", "state: must be an object")]
    [InlineData("\"t\":\"checkpoint\",\"key\":\"step:a\",\"events\":{}", "events: must be an array")]
    [InlineData("\"t\":\"checkpoint\",\"key\":\"step:a\",\"events\":[{}]", "events/0/topic: is required")]
    [InlineData("\"t\":\"checkpoint\",\"key\":\"step:a\",\"events\":[3]", "events: must be an array of at most 1000 objects")]
    [InlineData("\"t\":\"finish\"", "outcome: is required")]
    [InlineData("\"t\":\"finish\",\"outcome\":\"lost\"", "outcome: must be completed or failed")]
    [InlineData("\"t\":\"finish\",\"outcome\":\"failed\"", "error: is required")]
    [InlineData("\"t\":\"finish\",\"outcome\":\"failed\",\"error\":\"x\"", "error: must be an object")]
    [InlineData("\"t\":\"finish\",\"outcome\":\"failed\",\"error\":{},\"fatal\":1", "fatal: must be true or false")]
    [InlineData("\"t\":\"suspend\"", "waits: must be an array")]
    public void A_frame_that_is_wrong_in_itself_is_refused_alone(string fields, string says)
    {
        var wrong = Assert.IsType<WrongFrame>(Assert.Single(Read($"[{{\"id\":7,RUN,{fields}}}]")));
        Assert.Equal(7, wrong.Id);
        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_is_read_whatever_the_order_of_its_fields()
    {
        var frames = Read(
            "[ {\"new\": [{}], \"output\": {\"a\":  [1, {\"b\": 2}]}, \"t\":\"checkpoint\", \"key\":\"step:a\", \"state\":{\"k\":null,\"l\":[1,2]}, " +
            "\"events\":[{\"topic\":\"t\",\"payload\":[ 1 ]}], \"started_at\":\"2026-01-01T00:00:00.1239Z\", \"duration_ms\":1.9, RUN, \"id\":3}, {\"t\":\"drain\"} ]");
        var write = Assert.IsType<CheckpointFrame>(frames[0]).Write;
        Assert.Equal("{\"a\":  [1, {\"b\": 2}]}", write.Output.ToString());
        Assert.Equal("{\"k\":null,\"l\":[1,2]}", write.State.ToString());
        Assert.Equal(5, write.LargestStateValue);
        Assert.Equal(new EmittedEvent("t", RawJson.Trusted("[ 1 ]")), Assert.Single(write.Events!));
        Assert.Equal((1L, 123), (write.DurationMs, write.StartedAt!.Value.Millisecond));
        Assert.IsType<DrainFrame>(frames[1]);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(5000, false)]
    public void Depth_is_counted_per_value(int depth, bool good)
    {
        var frame = Assert.Single(Read($"[{{\"t\":\"checkpoint\",\"id\":1,RUN,\"key\":\"step:a\",\"output\":{new string('[', depth)}{new string(']', depth)}}}]"));
        Assert.Equal(good, frame is CheckpointFrame);
        if (frame is WrongFrame wrong)
            Assert.Equal("output: is nested deeper than 64", wrong.Message);
    }

    [Fact]
    public void Long_errors_are_cut()
    {
        var frame = Assert.Single(Read($"[{{\"t\":\"finish\",\"id\":1,RUN,\"outcome\":\"failed\",\"error\":{{\"message\":\"{new string('x', 100_000)}\"}}}}]"));
        var error = Assert.IsType<EndFrame>(frame).Ending.Error!;
        Assert.Equal(("Error", (16 << 10) + 1), (error.Name, error.Message.Length));
    }
}
