using System.Text.Json;
using System.Text.RegularExpressions;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Http;
using Slice = ReactorJobs.Executor.Workers.FrameFields.Slice;

namespace ReactorJobs.Executor.Workers;

/// <summary>Reads a worker's message: one array of frames.</summary>
public static partial class FrameReader
{
    public const int MessageBytes = 16 << 20;
    const int MostWaits = 1000;
    const int MostEvents = 1000;
    const int MostSlots = 10_000;
    const int MostHandlers = 10_000;
    static readonly long LongestMs = (long)Duration.Longest.TotalMilliseconds;

    // Values have a limit of their own, and a too deep one is the frame's fault, not the connection's.
    static readonly JsonReaderOptions Options = new() { MaxDepth = MessageBytes };

    public static List<WorkerFrame> Read(ReadOnlySpan<byte> message)
    {
        var frames = new List<WorkerFrame>();
        var reader = new Utf8JsonReader(message, Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                throw Invalid("A message is a JSON array of frames.");
            var slices = new Slice[FrameFields.Names.Length];
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                    throw Invalid($"Frame {frames.Count} is not an object.");
                frames.Add(Frame(new FrameFields(message, ref reader, slices)));
            }

            reader.Read(); // refuses what follows the array
            return frames;
        }
        catch (JsonException exception)
        {
            throw Invalid($"The message is not JSON (byte {exception.BytePositionInLine} of line {exception.LineNumber + 1}).");
        }
        catch (FieldException exception)
        {
            throw Invalid(exception.Message);
        }
    }

    static WorkerFrame Frame(FrameFields fields)
    {
        switch (fields.Text("t", 100))
        {
            case "checkpoint":
            case "ask":
            case "finish":
            case "suspend":
            case "release":
                return Attempt(fields);
            case "log":
                return new LogFrame(Run(fields), Epoch(fields), Lines(fields));
            case "hello":
                return Hello(fields);
            case "stopped":
                return new StoppedFrame(Run(fields), Epoch(fields));
            case "answer":
                return Answer(fields);
            case "drain":
                return new DrainFrame();
            case "ping":
                return new PingFrame();
            case "pong":
                return new PongFrame();
            case var unknown:
                throw Invalid($"t: \"{unknown}\" is not a frame of protocol {WorkerProtocol.Version}.");
        }
    }

    static WorkerFrame Attempt(FrameFields fields)
    {
        var (id, run, epoch) = (fields.Whole("id", 0, long.MaxValue), Run(fields), Epoch(fields));
        try
        {
            return fields.Text("t", 100) switch
            {
                "checkpoint" => new CheckpointFrame(id, run, epoch, Checkpoint(fields, run)),
                "ask" => Ask(fields, id, run, epoch),
                "finish" => new EndFrame(id, run, epoch, Finish(fields)),
                "suspend" => new EndFrame(id, run, epoch, new(AttemptOutcomes.Suspended, WaitKeys: Waits(fields.Has("waits") ? fields.Raw("waits") : []))),
                _ => new EndFrame(id, run, epoch, Ending.Released),
            };
        }
        catch (FieldException exception)
        {
            return new WrongFrame(id, run, epoch, exception.Message);
        }
    }

    static RunId Run(FrameFields fields) =>
        RunId.TryParse(fields.Text("run", 64), out var run) ? run : throw fields.Wrong("run", "must be an id that begins with run_");

    static int Epoch(FrameFields fields) => (int)fields.Whole("epoch", 1, int.MaxValue);

    static CheckpointWrite Checkpoint(FrameFields fields, RunId run)
    {
        var key = fields.Text("key", AttemptRules.KeyLength);
        if (!EntryKey().IsMatch(key))
            throw fields.Wrong("key", "must be a kind and a name, such as step:charge");
        var sleep = fields.Milliseconds("sleep_ms", LongestMs);
        if (sleep is null && key.StartsWith("sleep:", StringComparison.Ordinal))
            throw fields.Wrong("sleep_ms", "is required for a sleep");
        var largest = 0;
        RawJson? state = fields.Has("state") ? State(fields, out largest) : null;
        return new(key, fields.Json("output"), state, Events(fields), sleep, fields.Time("started_at"), fields.Milliseconds("duration_ms", LongestMs), largest)
        {
            Schedules = Schedules(fields, run, key),
        };
    }

    static RawJson State(FrameFields fields, out int largest)
    {
        if (!fields.Is("state", JsonTokenType.StartObject))
            throw fields.Wrong("state", "must be an object");
        var state = fields.Json("state");
        var reader = new Utf8JsonReader(state.Utf8.Span);
        reader.Read();
        largest = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.Read())
            largest = Math.Max(largest, Slice.Of(ref reader).Length);
        return state;
    }

    static List<EmittedEvent>? Events(FrameFields fields)
    {
        if (!fields.Has("events"))
            return null;
        var events = new List<EmittedEvent>();
        foreach (var one in Objects(fields, "events", MostEvents))
        {
            var reader = new Utf8JsonReader(one.Bytes, Options);
            reader.Read();
            var inner = new FrameFields(one.Bytes, ref reader, new Slice[FrameFields.Names.Length], one.At);
            events.Add(new(inner.Text("topic", 256), inner.Json("payload")));
        }

        return events;
    }

    static List<LogLine> Lines(FrameFields fields)
    {
        var lines = new List<LogLine>();
        foreach (var one in Objects(fields, "entries", int.MaxValue))
        {
            var reader = new Utf8JsonReader(one.Bytes, Options);
            reader.Read();
            var inner = new FrameFields(one.Bytes, ref reader, new Slice[FrameFields.Names.Length], one.At);
            lines.Add(new(inner.Time("ts"), inner.TextOrNull("level", 32) ?? "info", inner.TextOrNull("step", AttemptRules.KeyLength), inner.TextOrNull("message", MessageBytes) ?? ""));
        }

        return lines;
    }

    static Ending Finish(FrameFields fields)
    {
        switch (fields.Text("outcome", 100))
        {
            case AttemptOutcomes.Completed:
                return new(AttemptOutcomes.Completed, fields.Json("result"));
            case AttemptOutcomes.Failed:
                if (!fields.Is("error", JsonTokenType.StartObject))
                    throw fields.Wrong("error", fields.Has("error") ? "must be an object" : "is required");
                return new(AttemptOutcomes.Failed, Error: Error(fields.Raw("error")), Fatal: fields.Flag("fatal"), RetryAfterMs: fields.Milliseconds("retry_after_ms", LongestMs));
            case var outcome:
                throw fields.Wrong("outcome", $"must be completed or failed, not \"{outcome}\"");
        }
    }

    /// <summary>An error as a handler reports it; texts that are too long are cut, for a failure must not fail.</summary>
    public static RunError Error(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        var fields = new FrameFields(json, ref reader, new Slice[FrameFields.Names.Length], "error");
        return new(
            Cut(fields.TextOrNull("name", MessageBytes), 200) ?? "Error", Cut(fields.TextOrNull("message", MessageBytes), 16 << 10) ?? "",
            Cut(fields.TextOrNull("code", MessageBytes), 200), Cut(fields.TextOrNull("stack", MessageBytes), 32 << 10), Cut(fields.TextOrNull("step", MessageBytes), AttemptRules.KeyLength));
    }

    static string? Cut(string? text, int longest) => text?.Length > longest ? text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)] + "…" : text;

    public static IReadOnlyList<string> Waits(ReadOnlySpan<byte> json) => Strings(json, "waits", MostWaits, AttemptRules.KeyLength);

    static HelloFrame Hello(FrameFields fields)
    {
        var protocol = fields.Whole("protocol", 0, int.MaxValue);
        if (protocol != WorkerProtocol.Version)
            throw WorkerProtocol.Unsupported(protocol);
        var handlers = Strings(fields.Has("handlers") ? fields.Raw("handlers") : [], "handlers", MostHandlers, 10_000);
        foreach (var handler in handlers)
            if (!HandlerName().IsMatch(handler))
                throw new ProtocolException(ProtocolException.HandlerInvalid, $"\"{handler}\" is no handler's name: it must match {HandlerName()}.");
        return new(protocol, fields.TextOrNull("sdk", 200) ?? "", CleanName(fields.Text("name", 200)), handlers, (int)fields.Whole("slots", 1, MostSlots));
    }

    static string CleanName(string name) => new([.. name.Where(c => !char.IsControl(c))]);

    static string[] Strings(ReadOnlySpan<byte> json, string name, int most, int longest)
    {
        try
        {
            return json.Length > 0 && JsonSerializer.Deserialize<string?[]>(json) is { } items && items.Length <= most && items.All(x => x?.Length is > 0 && x.Length <= longest)
                ? items.OfType<string>().ToArray()
                : throw new FieldException(name, $"must be an array of at most {most} strings");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new FieldException(name, "must be an array of strings");
        }
    }

    static List<(byte[] Bytes, string At)> Objects(FrameFields fields, string name, int most)
    {
        if (!fields.Is(name, JsonTokenType.StartArray))
            throw fields.Wrong(name, fields.Has(name) ? "must be an array" : "is required");
        var found = new List<(byte[], string)>();
        var raw = fields.Raw(name);
        var reader = new Utf8JsonReader(raw, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject || found.Count == most)
                throw fields.Wrong(name, $"must be an array of at most {most} objects");
            var slice = Slice.Of(ref reader);
            found.Add((raw.Slice(slice.Start, slice.Length).ToArray(), $"{fields.Under(name)}/{found.Count}"));
        }

        return found;
    }

    static ProtocolException Invalid(string message) => new(ProtocolException.InvalidFrame, message);

    [GeneratedRegex(@"^[a-z]{1,20}:[^\p{Cc}]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex EntryKey();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HandlerName();
}
