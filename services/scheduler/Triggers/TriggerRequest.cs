using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Webhooks;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>A trigger as callers describe it: <c>kind</c> (or <c>type</c>) and the fields of that kind.</summary>
public abstract record TriggerRequest(string Kind)
{
    public static readonly string[] Kinds = [TriggerKinds.Event, TriggerKinds.Cron, TriggerKinds.Webhook, TriggerKinds.Data];

    /// <summary>The fields of its kind as they are kept, in one spelling and without defaults that are left open: the same trigger has the same settings.</summary>
    public abstract JsonObject Settings { get; }

    /// <summary>Whether a caller who asks for it once more gets another one; in a manifest it stays the one that is there.</summary>
    public virtual bool IsNewEachTime => false;

    /// <summary>Whether the job has it already.</summary>
    public virtual bool IsSameAs(TriggerRow row) => row.Kind == Kind && row.Settings == Settings.ToJsonString();

    /// <summary>As the job's own, yet to be told to whoever fires it.</summary>
    public virtual TriggerRow ToRow(string orgId, string id, string job, DateTimeOffset now) =>
        new() { OrgId = orgId, Id = id, Job = job, Kind = Kind, Settings = Settings.ToJsonString(), CreatedAt = now };

    /// <summary>One of an array; none where something is wrong, which the fields know then.</summary>
    public static TriggerRequest? Read(JsonElement element, string at, Fields parent)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            parent.Wrong(at.TrimStart('/'), "must be an object");
            return null;
        }

        var fields = new Fields(element, at, parent);
        var request = Read(fields);
        if (request is not null)
            fields.NoOthers();
        return request;
    }

    public static TriggerRequest? Read(Fields fields) => fields.OneOf(fields.Has("type") ? "type" : "kind", true, Kinds) switch
    {
        TriggerKinds.Event => EventTrigger.Read(fields),
        TriggerKinds.Cron => CronTrigger.Read(fields),
        TriggerKinds.Webhook => WebhookTrigger.Read(fields),
        TriggerKinds.Data => DataTrigger.Read(fields),
        _ => null,
    };
}
