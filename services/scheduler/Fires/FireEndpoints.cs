using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Fires;

/// <summary>What became of a cron trigger's times, and what may be told it: to rest, to go on, to fire now.</summary>
public sealed class FireEndpoints(JobRegistry registry, TriggerRegistry triggers, CronFiring firing, FireStore store)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        const string trigger = "/jobs/v1/_admin/jobs/{name}/triggers/{id}";
        endpoints.MapPatch(trigger, Change).Accepts<PauseSpec>("application/json").Produces<TriggerView>().ProducesProblem(400).ProducesProblem(404);
        endpoints.MapPost(trigger + "/fire", FireNow).Produces<RunView>(202).ProducesProblem(400).ProducesProblem(404);
        endpoints.MapGet(trigger + "/fires", Ledger).Produces<FireView[]>().ProducesProblem(400).ProducesProblem(404);
    }

    async Task<IResult> Change(HttpContext http, string name, string id)
    {
        var row = await Find(http, name, id);
        var fields = await RequestBody.ReadFields(http);
        var paused = fields.Boolean("paused");
        if (paused is null)
            fields.Element("paused", required: true);
        fields.Done();
        if (!await firing.Pause(new(row.OrgId, row.Id), paused!.Value, http.RequestAborted))
            throw NotFound(id);
        return ApiJson.Answer(200, triggers.Show(await triggers.Find(row.OrgId, row.Job, id, http.RequestAborted) ?? throw NotFound(id)));
    }

    async Task<IResult> FireNow(HttpContext http, string name, string id)
    {
        var row = await Find(http, name, id);
        return ApiJson.Answer(202, RunView.Of(await firing.FireNow(row, http.RequestAborted) ?? throw JobName.NotFound(row.Job)));
    }

    async Task<IResult> Ledger(HttpContext http, string name, string id)
    {
        var row = await Find(http, name, id);
        var page = Paging.Read(http);
        var (from, until) = (Time(http, "from") ?? CronZone.Earliest, Time(http, "until") ?? CronZone.Latest);
        if (Time(http, "cursor") is { } cursor && cursor < until)
            until = cursor;
        var fires = await store.Ledger(new(row.OrgId, row.Id), from, until, page.Limit + 1, http.RequestAborted);
        var shown = fires.Take(page.Limit).ToArray();
        return ApiJson.Page(http, shown, fires.Count > page.Limit ? ApiJson.Text(shown[^1].NominalAt) : null);
    }

    async Task<TriggerRow> Find(HttpContext http, string segment, string id)
    {
        var (org, name) = (http.Caller().OrgId, JobName.InPath(segment));
        var job = await registry.Find(org, name, http.RequestAborted) ?? throw JobName.NotFound(name);
        var row = await triggers.Find(org, job.Name, id, http.RequestAborted) ?? throw NotFound(id);
        return row.Kind == TriggerKinds.Cron ? row : throw new ProblemException(Problem.Invalid("", $"{id} is a trigger of kind {row.Kind}; only one of kind {TriggerKinds.Cron} fires by itself"));
    }

    static DateTimeOffset? Time(HttpContext http, string name)
    {
        if (http.Request.Query[name] is not [{ } text, ..])
            return null;
        return Instant.TryParse(text, out var time)
            ? time
            : throw new ProblemException(Problem.Invalid(name, Instant.Rule));
    }

    static ProblemException NotFound(string id) => new(Problem.NotFound("trigger", id));
}

/// <summary>The shape of the request, for the API's description only.</summary>
public sealed record PauseSpec(bool Paused);

/// <summary>An entry of the ledger as the API shows it.</summary>
/// <param name="Outcome">One of <see cref="Cron.FireOutcomes"/>.</param>
/// <param name="RunId">Once its run is accepted.</param>
/// <param name="Reason">For people; none where it fired as it should.</param>
public sealed record FireView(DateTimeOffset NominalAt, string Outcome, string? RunId, string? Reason);
