using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Changes;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Events.Watches;

/// <summary>The scheduler owns the triggers and tells what they watch, then that it keeps them, and when they go.</summary>
static class DataTriggerEndpoints
{
    const string Root = "/internal/events/orgs/{org}/data-triggers/{triggerId}";

    public static void MapDataTriggers(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPut(Root, Put).OnlyForServices();
        endpoints.MapPost(Root + "/confirm", Confirm).OnlyForServices();
        endpoints.MapDelete(Root, Delete).OnlyForServices();
    }

    static async Task<IResult> Put(HttpContext http, string org, string triggerId, DataTriggers triggers)
    {
        var fields = await RequestBody.ReadFields(http);
        var (job, database, name) = (fields.String("job", required: true), fields.String("database"), fields.String("table", required: true));
        if (!TableName.TryParse(name, out var table))
            fields.Wrong("table", TableName.Rule);
        string[] all = [Operations.Insert, Operations.Update, Operations.Delete];
        var operations = fields.Array("events", all.Length, (item, _, _) => item.GetString()!) ?? all;
        var when = fields.Payload("when");
        fields.Done();
        await triggers.Put(new(org, triggerId, job!, database ?? WatchedDatabases.Default, table, operations, when), http.RequestAborted);
        return Results.NoContent();
    }

    static async Task<IResult> Confirm(HttpContext http, string org, string triggerId, DataTriggers triggers) =>
        await triggers.Confirm(org, triggerId, http.RequestAborted) ? Results.NoContent() : throw new ProblemException(Problem.NotFound("data_trigger", triggerId));

    static async Task<IResult> Delete(HttpContext http, string org, string triggerId, DataTriggers triggers)
    {
        await triggers.Remove(org, triggerId, http.RequestAborted);
        return Results.NoContent();
    }
}
