using System.Text.Json;
using System.Text.Json.Serialization;

namespace ReactorJobs.Contracts;

/// <summary>One run of a job.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct RunId(Guid Value) : IComparable<RunId>
{
    const string Prefix = "run_";

    public static bool TryParse(ReadOnlySpan<char> text, out RunId id)
    {
        var ok = Ulid.TryParse(Prefix, text, out var value);
        id = new RunId(value);
        return ok;
    }

    public int CompareTo(RunId other) => Value.CompareTo(other.Value);

    public override string ToString() => Ulid.Format(Prefix, Value);

    sealed class Converter : JsonConverter<RunId>
    {
        public override RunId Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), out var id) ? id : throw new JsonException("not an id that begins with run_");

        public override void Write(Utf8JsonWriter writer, RunId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}

/// <summary>One event. Events that a run emits have ids derived from the run and the journal's key.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct EventId(Guid Value) : IComparable<EventId>
{
    const string Prefix = "evt_";

    public static bool TryParse(ReadOnlySpan<char> text, out EventId id)
    {
        var ok = Ulid.TryParse(Prefix, text, out var value);
        id = new EventId(value);
        return ok;
    }

    public int CompareTo(EventId other) => Value.CompareTo(other.Value);

    public override string ToString() => Ulid.Format(Prefix, Value);

    sealed class Converter : JsonConverter<EventId>
    {
        public override EventId Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), out var id) ? id : throw new JsonException("not an id that begins with evt_");

        public override void Write(Utf8JsonWriter writer, EventId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
