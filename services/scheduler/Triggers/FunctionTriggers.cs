using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Targets;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>
/// The cron triggers that a function declares in its code, each for a target of its own. They come with the version that goes live, and go with
/// the one that declares them no more; what others have made is not touched.
/// </summary>
public sealed class FunctionTriggers(JobRegistry registry, TriggerRegistry triggers, TargetRegistry targets)
{
    const int Most = 100;

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/internal/scheduler/orgs/{org}/functions/{function}/triggers", Apply).OnlyForServices();

    /// <summary>With <c>check=true</c> they are read, their targets are looked for, and nothing else.</summary>
    async Task<IResult> Apply(HttpContext http, string org, string function, bool check = false)
    {
        var fields = await RequestBody.ReadFields(http);
        var own = fields.Array("exports", int.MaxValue, (element, _, _) => element.GetString()!) ?? [];
        var declared = fields.Array("triggers", Most, Read) ?? [];
        fields.Done("invalid_schedule");
        var wanted = new List<(string Job, CronTrigger Trigger)>();
        for (var i = 0; i < declared.Count; i++)
        {
            var (target, trigger) = declared[i]!.Value;
            var found = await targets.Find(org, target, own, http.RequestAborted);
            if (found is { Job: null, Handler: null })
                throw new ProblemException(new(
                    400, "handler_not_found", $"triggers/{i}/functionPath: {TargetChoice.Unknown(target, found.Nearest)}", [new($"/triggers/{i}/functionPath", TargetChoice.Unknown(target, found.Nearest))]));
            if (!check)
                wanted.Add(((found.Job ?? await targets.Make(org, found.Handler!, http.RequestAborted)).Name, trigger));
        }

        if (!check)
            await Replace(org, HandlerName.InPath(function), wanted, http.RequestAborted);
        return Results.NoContent();
    }

    static (string Target, CronTrigger Trigger)? Read(JsonElement element, string at, Fields parent)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            parent.Wrong(at.TrimStart('/'), "must be what createCronTrigger gives");
            return null;
        }

        var fields = new Fields(element, at, parent);
        var target = fields.String("function_path", required: true);
        var trigger = CronTrigger.Read(fields);
        fields.NoOthers();
        return target is null || trigger is null ? null : (target, trigger);
    }

    async Task Replace(string org, string function, IReadOnlyList<(string Job, CronTrigger Trigger)> wanted, CancellationToken stop)
    {
        var rows = await registry.Read(org, db => db.Triggers.Where(x => x.OrgId == org && x.DeclaredBy == function).OrderBy(x => x.Id).ToListAsync(stop), stop);
        foreach (var surplus in rows.Where(row => !wanted.Any(x => x.Job == row.Job && x.Trigger.IsSameAs(row))))
            await triggers.Remove(org, surplus.Job, surplus.Id, stop);
        foreach (var (job, trigger) in wanted)
            await triggers.Add(org, job, new DeclaredTrigger(trigger, function), stop);
    }
}

/// <summary>A cron trigger that knows which function has declared it.</summary>
sealed record DeclaredTrigger(CronTrigger Trigger, string Function) : TriggerRequest(Trigger.Kind)
{
    public override System.Text.Json.Nodes.JsonObject Settings => Trigger.Settings;

    public override TriggerRow ToRow(string orgId, string id, string job, DateTimeOffset now)
    {
        var row = base.ToRow(orgId, id, job, now);
        row.DeclaredBy = Function;
        return row;
    }
}
