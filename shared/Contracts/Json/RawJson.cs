using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ReactorJobs.Contracts;

/// <summary>
/// One JSON value as the UTF-8 text it came in: payloads, results and outputs pass through the suite as they were given, neither
/// parsed into objects nor reformatted. The default value is <c>null</c>.
/// </summary>
[JsonConverter(typeof(Converter))]
public readonly struct RawJson : IEquatable<RawJson>
{
    static readonly byte[] NullBytes = "null"u8.ToArray();
    readonly byte[]? utf8;

    RawJson(byte[] utf8) => this.utf8 = utf8;

    public static RawJson Null => default;

    public ReadOnlyMemory<byte> Utf8 => utf8 ?? NullBytes;

    public int Length => Utf8.Length;

    public bool IsNull => utf8 is null || utf8.AsSpan().SequenceEqual("null"u8);

    /// <summary>Takes bytes that are known to be one valid JSON value: what a JSON reader has read or a writer has written.</summary>
    public static RawJson Trusted(byte[] valid) => new(valid);

    public static RawJson Trusted(string valid) => new(Encoding.UTF8.GetBytes(valid));

    /// <summary>The value written as JSON.</summary>
    public static RawJson From<T>(T value, JsonSerializerOptions? options = null) => new(JsonSerializer.SerializeToUtf8Bytes(value, options));

    public T? Read<T>(JsonSerializerOptions? options = null) => JsonSerializer.Deserialize<T>(Utf8.Span, options);

    public bool Equals(RawJson other) => Utf8.Span.SequenceEqual(other.Utf8.Span);

    public override bool Equals(object? obj) => obj is RawJson other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    public static bool operator ==(RawJson left, RawJson right) => left.Equals(right);

    public static bool operator !=(RawJson left, RawJson right) => !left.Equals(right);

    sealed class Converter : JsonConverter<RawJson>
    {
        public override bool HandleNull => true;

        public override RawJson Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return new(JsonMarshal.GetRawUtf8Value(document.RootElement).ToArray());
        }

        public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }
}
