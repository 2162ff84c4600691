using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Workers;

public enum ServerFrameKind
{
    Ack,
    Refuse,
    Run,
    Abort,
    Ping,
    Pong,
    Welcome,
    Error,
    Reply,

    /// <summary>Written before, as JSON.</summary>
    Ready,
}

/// <summary>What the server says, before it is written: one value for all types, so that an acknowledgement costs no object.</summary>
public readonly record struct ServerFrame(
    ServerFrameKind Kind, long Id = 0, DateTimeOffset? Due = null, string? Code = null, string? Message = null, LiveAttempt? Attempt = null, RawJson Json = default)
{
    public static ServerFrame Ack(long id, DateTimeOffset? due = null) => new(ServerFrameKind.Ack, id, due);

    public static ServerFrame Refuse(long id, string code, string? message) => new(ServerFrameKind.Refuse, id, Code: code, Message: message);

    public static ServerFrame Run(LiveAttempt attempt) => new(ServerFrameKind.Run, Attempt: attempt);

    public static ServerFrame Abort(LiveAttempt attempt, string reason) => new(ServerFrameKind.Abort, Code: reason, Attempt: attempt);

    public static ServerFrame Reply(long id, RawJson value) => new(ServerFrameKind.Reply, id, Json: value);

    public static ServerFrame Ready(RawJson frame) => new(ServerFrameKind.Ready, Json: frame);

    public static ServerFrame Error(string code, string message) => new(ServerFrameKind.Error, Code: code, Message: message);
}

/// <summary>Writes frames as one message. All acknowledgements of a message are one frame.</summary>
public sealed class FrameWriter(TimeProvider time, long heartbeatMs) : IDisposable
{
    readonly ArrayBufferWriter<byte> buffer = new(4096);
    readonly List<(long Id, DateTimeOffset? Due)> acks = [];
    Utf8JsonWriter? json;
    int room;

    public ReadOnlyMemory<byte> Written => buffer.WrittenMemory;

    /// <summary>What is written so far, to end a message before it grows too large.</summary>
    public long Pending => (json?.BytesCommitted ?? 0) + (json?.BytesPending ?? 0);

    /// <summary>What <see cref="Begin"/> has left free.</summary>
    public Span<byte> Room => MemoryMarshal.AsMemory(buffer.WrittenMemory)[..room].Span;

    /// <param name="free">Bytes before the message that the caller fills in.</param>
    public void Begin(int free = 0)
    {
        Clear(free);
        json!.WriteStartArray();
    }

    /// <summary>One frame without the array around it.</summary>
    public void WriteOne(in ServerFrame frame)
    {
        Clear();
        Write(frame);
        json!.Flush();
    }

    void Clear(int free = 0)
    {
        buffer.ResetWrittenCount();
        room = free;
        buffer.GetSpan(free);
        buffer.Advance(free);
        if (json is null)
            json = new(buffer, new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        else
            json.Reset(buffer);
        acks.Clear();
    }

    public void End()
    {
        WriteAcks();
        json!.WriteEndArray();
        json.Flush();
    }

    public void Write(in ServerFrame frame)
    {
        if (frame.Kind == ServerFrameKind.Ack)
        {
            acks.Add((frame.Id, frame.Due));
            return;
        }

        // What was committed first is said first.
        WriteAcks();
        if (frame.Kind == ServerFrameKind.Ready)
        {
            json!.WriteRawValue(frame.Json.Utf8.Span, skipInputValidation: true);
            return;
        }

        json!.WriteStartObject();
        switch (frame.Kind)
        {
            case ServerFrameKind.Refuse:
                json.WriteString("t"u8, "refuse"u8);
                json.WriteNumber("id"u8, frame.Id);
                json.WriteString("code"u8, frame.Code);
                json.WriteString("message"u8, frame.Message);
                break;
            case ServerFrameKind.Run:
                WriteRun(frame.Attempt!);
                break;
            case ServerFrameKind.Abort:
                json.WriteString("t"u8, "abort"u8);
                json.WriteString("run"u8, frame.Attempt!.Key.Run.ToString());
                json.WriteNumber("epoch"u8, frame.Attempt.Epoch);
                json.WriteString("reason"u8, frame.Code);
                break;
            case ServerFrameKind.Ping:
                json.WriteString("t"u8, "ping"u8);
                break;
            case ServerFrameKind.Pong:
                json.WriteString("t"u8, "pong"u8);
                break;
            case ServerFrameKind.Welcome:
                WriteWelcome(frame.Message!);
                break;
            case ServerFrameKind.Reply:
                json.WriteString("t"u8, "reply"u8);
                json.WriteNumber("id"u8, frame.Id);
                json.WritePropertyName("value"u8);
                json.WriteRawValue(frame.Json.Utf8.Span, skipInputValidation: true);
                break;
            case ServerFrameKind.Error:
                json.WriteString("t"u8, "error"u8);
                json.WriteString("code"u8, frame.Code);
                json.WriteString("message"u8, frame.Message);
                break;
        }

        json.WriteEndObject();
    }

    void WriteAcks()
    {
        if (acks.Count == 0)
            return;
        json!.WriteStartObject();
        json.WriteString("t"u8, "ack"u8);
        json.WriteStartArray("ids"u8);
        var sleeps = false;
        foreach (var (id, due) in acks)
        {
            json.WriteNumberValue(id);
            sleeps |= due is not null;
        }

        json.WriteEndArray();
        if (sleeps)
        {
            json.WriteStartObject("due"u8);
            foreach (var (id, due) in acks)
                if (due is { } at)
                    json.WriteString(id.ToString(CultureInfo.InvariantCulture), Rfc3339(at));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        acks.Clear();
    }

    void WriteRun(LiveAttempt attempt)
    {
        var run = attempt.Command;
        json!.WriteString("t"u8, "run"u8);
        json.WriteString("run"u8, run.RunId.ToString());
        json.WriteNumber("epoch"u8, run.Epoch);
        json.WriteNumber("attempt"u8, run.Attempt);
        json.WriteNumber("max_attempts"u8, run.MaxAttempts);
        json.WriteString("job"u8, run.Job);
        json.WriteString("handler"u8, run.Handler);
        json.WriteString("org"u8, run.OrgId);
        json.WriteStartObject("trigger"u8);
        json.WriteString("kind"u8, run.Trigger.Kind);
        json.WriteString("id"u8, run.Trigger.Id);
        if (!run.Trigger.Detail.IsNull)
        {
            json.WritePropertyName("detail"u8);
            json.WriteRawValue(run.Trigger.Detail.Utf8.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
        json.WritePropertyName("payload"u8);
        json.WriteRawValue(run.Payload.Utf8.Span, skipInputValidation: true);
        json.WriteNumber("timeout_ms"u8, run.TimeoutMs);
        json.WriteStartArray("entries"u8);
        foreach (var entry in attempt.Journal)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, entry.Key);
            json.WritePropertyName("output"u8);
            json.WriteRawValue(entry.Output.Utf8.Span, skipInputValidation: true);
            if (entry.State is { } state)
            {
                json.WritePropertyName("state"u8);
                json.WriteRawValue(state.Utf8.Span, skipInputValidation: true);
            }

            if (entry.DueAt is { } due)
            {
                json.WriteString("due_at"u8, Rfc3339(due));
                if (entry.IsDone(attempt.Now(time)))
                    json.WriteBoolean("done"u8, true);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    void WriteWelcome(string worker)
    {
        json!.WriteString("t"u8, "welcome"u8);
        json.WriteNumber("protocol"u8, WorkerProtocol.Version);
        json.WriteString("worker"u8, worker);
        json.WriteNumber("heartbeat_ms"u8, heartbeatMs);
        json.WriteStartObject("limits"u8);
        json.WriteNumber("output_bytes"u8, Limits.OutputBytes);
        json.WriteNumber("state_bytes"u8, Limits.StateValueBytes);
        json.WriteNumber("run_bytes"u8, Limits.RunBytes);
        json.WriteNumber("depth"u8, Limits.Depth);
        json.WriteEndObject();
    }

    static string Rfc3339(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public void Dispose() => json?.Dispose();
}
