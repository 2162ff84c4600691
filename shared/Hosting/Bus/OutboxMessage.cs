using System.Text.Json;
using System.Text.Json.Serialization;
using ReactorJobs.Contracts;

namespace ReactorJobs.Hosting.Bus;

/// <summary>
/// A message that leaves with a commit: serialized once, stored with the change that caused it, published after the commit and deleted
/// when the broker has confirmed it.
/// </summary>
/// <param name="ExpiresAt">After this the message is worth nothing and is dropped; null keeps it until it is confirmed.</param>
public sealed record OutboxMessage(Guid Id, string OrgId, string Queue, byte[] Body, DateTimeOffset? ExpiresAt = null)
{
    public const string ContentType = "application/vnd.masstransit+json";

    static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static OutboxMessage For<T>(Guid id, string orgId, string queue, T message, DateTimeOffset? expiresAt = null) where T : class =>
        new(id, orgId, queue, Envelope.Serialize(id, message, Options), expiresAt);

    static class Envelope
    {
        public static byte[] Serialize<T>(Guid id, T message, JsonSerializerOptions options) =>
            JsonSerializer.SerializeToUtf8Bytes(new Message<T>(id, MessageType<T>.Urns, message), options);

        record Message<T>(Guid MessageId, string[] MessageType, [property: JsonPropertyName("message")] T Body);

        static class MessageType<T>
        {
            public static readonly string[] Urns = [$"urn:message:{typeof(T).Namespace}:{typeof(T).Name}"];
        }
    }
}
