using System.Net.Http.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>
/// The events service watches the tables: it is told before a trigger is kept, because it knows what is wrong with a table, and again when the trigger is
/// kept, from which on it starts runs.
/// </summary>
public sealed class DataWatches(InternalCalls calls)
{
    public Task Put(TriggerRow trigger, CancellationToken stop)
    {
        using var settings = System.Text.Json.JsonDocument.Parse(trigger.Settings);
        var body = settings.RootElement.EnumerateObject().ToDictionary(x => x.Name, x => RequestBody.Raw(x.Value));
        body["job"] = RawJson.From(trigger.Job);
        return Call(HttpMethod.Put, trigger, "", JsonContent.Create(body), stop);
    }

    public Task Confirm(TriggerRow trigger, CancellationToken stop) => Call(HttpMethod.Post, trigger, "/confirm", null, stop);

    public Task Delete(TriggerRow trigger, CancellationToken stop) => Call(HttpMethod.Delete, trigger, "", null, stop);

    async Task Call(HttpMethod method, TriggerRow trigger, string path, HttpContent? content, CancellationToken stop)
    {
        using var response = await calls.Send(
            method, calls.Events, $"/internal/events/orgs/{Uri.EscapeDataString(trigger.OrgId)}/data-triggers/{trigger.Id}{path}", content, stop);
        if (!response.IsSuccessStatusCode)
            throw new ProblemException(await InternalProblem.Read(response, "events service"));
    }
}
