using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Workers;

/// <summary>
/// The fields of one object as slices of the message: found in one pass, read when the frame's type is known, copied only where the
/// value is kept.
/// </summary>
ref struct FrameFields
{
    public static readonly string[] Names =
    [
        "t", "id", "run", "epoch", "key", "output", "state", "events", "sleep_ms", "started_at", "duration_ms", "outcome", "result", "error", "fatal",
        "retry_after_ms", "waits", "entries", "protocol", "sdk", "name", "handlers", "slots", "topic", "payload", "ts", "level", "step", "message", "code", "stack",
        "status", "headers", "body", "base64", "schedules", "index", "job", "args", "run_at", "delay_ms", "what", "of", "bytes", "limit",
    ];

    static readonly byte[][] Utf8Names = [.. Names.Select(System.Text.Encoding.UTF8.GetBytes)];

    readonly ReadOnlySpan<byte> message;
    readonly Span<Slice> slices;
    readonly string at;

    /// <param name="slices">As many as there are names.</param>
    /// <param name="reader">Stands on the object's start, and afterwards on its end.</param>
    /// <param name="at">Where the object is, for messages; empty for a frame itself.</param>
    public FrameFields(ReadOnlySpan<byte> message, scoped ref Utf8JsonReader reader, Span<Slice> slices, string at = "")
    {
        this.message = message;
        this.slices = slices;
        this.at = at;
        slices.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = Find(reader.ValueSpan);
            reader.Read();
            var slice = Slice.Of(ref reader);
            if (index >= 0)
                slices[index] = slice;
        }
    }

    static int Find(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Utf8Names.Length; i++)
            if (name.SequenceEqual(Utf8Names[i]))
                return i;
        return -1;
    }

    readonly Slice this[string name] => slices[Array.IndexOf(Names, name)];

    public readonly bool Has(string name) => this[name] is { Length: > 0, Type: not JsonTokenType.Null };

    public readonly ReadOnlySpan<byte> Raw(string name) => message.Slice(this[name].Start, this[name].Length);

    public readonly Exception Wrong(string name, string detail) => new FieldException(at.Length == 0 ? name : $"{at}/{name}", detail);

    public readonly string Text(string name, int longest) =>
        TextOrNull(name, longest) is { Length: > 0 } text ? text : throw Wrong(name, Has(name) ? "must not be empty" : "is required");

    public readonly string? TextOrNull(string name, int longest)
    {
        if (!Has(name))
            return null;
        if (this[name].Type != JsonTokenType.String)
            throw Wrong(name, "must be a string");
        try
        {
            var reader = new Utf8JsonReader(Raw(name));
            reader.Read();
            var text = reader.GetString()!;
            return text.Length <= longest ? text : throw Wrong(name, $"is longer than {longest} characters");
        }
        catch (InvalidOperationException)
        {
            throw Wrong(name, "is not valid text");
        }
    }

    public readonly long Whole(string name, long least, long most)
    {
        var reader = new Utf8JsonReader(Raw(name));
        return Has(name) && this[name].Type == JsonTokenType.Number && reader.Read() && reader.TryGetInt64(out var value) && value >= least && value <= most
            ? value
            : throw Wrong(name, Has(name) ? $"must be a whole number from {least} to {most}" : "is required");
    }

    /// <summary>Milliseconds; a fraction is dropped.</summary>
    public readonly long? Milliseconds(string name, long most)
    {
        if (!Has(name))
            return null;
        var reader = new Utf8JsonReader(Raw(name));
        return this[name].Type == JsonTokenType.Number && reader.Read() && reader.TryGetDouble(out var value) && value >= 0 && value <= most
            ? (long)value
            : throw Wrong(name, $"must be a number of milliseconds from 0 to {most}");
    }

    public readonly bool Flag(string name) => Has(name) && (this[name].Type is JsonTokenType.True or JsonTokenType.False
        ? this[name].Type == JsonTokenType.True
        : throw Wrong(name, "must be true or false"));

    public readonly DateTimeOffset? Time(string name)
    {
        if (!Has(name))
            return null;
        var reader = new Utf8JsonReader(Raw(name));
        return this[name].Type == JsonTokenType.String && reader.Read() && reader.TryGetDateTimeOffset(out var time)
            ? DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds())
            : throw Wrong(name, "must be a time as in RFC 3339, such as 2026-01-31T09:00:00Z");
    }

    /// <summary>A value that passes through as it was given; null where it is missing.</summary>
    public readonly RawJson Json(string name)
    {
        if (!Has(name))
            return RawJson.Null;
        if (this[name].Depth > Limits.Depth)
            throw Wrong(name, $"is nested deeper than {Limits.Depth}");
        return RawJson.Trusted(Raw(name).ToArray());
    }

    public readonly bool Is(string name, JsonTokenType type) => Has(name) && this[name].Type == type;

    public readonly string Under(string name) => at.Length == 0 ? name : $"{at}/{name}";

    internal readonly record struct Slice(int Start, int Length, JsonTokenType Type, int Depth)
    {
        public static Slice Of(ref Utf8JsonReader reader)
        {
            var (start, type, outside, depth) = ((int)reader.TokenStartIndex, reader.TokenType, reader.CurrentDepth, 0);
            if (type is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                depth = 1;
                while (reader.Read() && reader.CurrentDepth > outside)
                    if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                        depth = Math.Max(depth, reader.CurrentDepth - outside + 1);
            }

            return new(start, (int)reader.BytesConsumed - start, type, depth);
        }
    }
}

/// <summary>A field that is missing or wrong.</summary>
sealed class FieldException(string field, string detail) : Exception($"{field}: {detail}");
