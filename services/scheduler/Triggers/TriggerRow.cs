using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Triggers;

public sealed class TriggerRow
{
    public required string OrgId { get; set; }
    public required string Id { get; set; }
    public required string Job { get; set; }
    public required string Kind { get; set; }
    public string? Topic { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A trigger as callers describe it: <c>kind</c> (or <c>type</c>) and the fields of that kind.</summary>
public sealed record TriggerRequest(string Kind, string? Topic)
{
    public const int LongestTopic = 256;

    public static readonly string[] Kinds = [TriggerKinds.Event];

    public static TriggerRequest Read(JsonElement element, string at, Fields parent)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            parent.Wrong(at.TrimStart('/'), "must be an object");
            return new("", null);
        }

        var fields = new Fields(element, at, parent);
        var request = Read(fields);
        fields.NoOthers();
        return request;
    }

    public static TriggerRequest Read(Fields fields)
    {
        var kind = fields.OneOf(fields.Has("type") ? "type" : "kind", true, Kinds);
        var topic = kind == TriggerKinds.Event ? fields.String("topic", required: true) : null;
        if (topic is not null && (topic.Length is 0 or > LongestTopic || topic.Any(char.IsControl)))
            fields.Wrong("topic", $"must have 1 to {LongestTopic} characters, none of them a control character");
        return new(kind ?? "", topic);
    }
}
