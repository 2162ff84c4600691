using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Workers;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.Schedules;

/// <summary>
/// Answers what handlers ask about scheduled runs, over whatever line they are on: by asking the scheduler, in the name of the attempt's org, and
/// by looking at the starts that are still on their way to it.
/// </summary>
public sealed class ScheduleQuestions(InternalCalls calls, StartsUnderWay underWay, TimeProvider time, ILogger logger)
{
    static readonly JsonSerializerOptions Json = ApiJson.Options;

    readonly KnownTargets targets = new(time);

    /// <summary>A reply or a refusal; never throws.</summary>
    public async Task<ServerFrame> Answer(LiveAttempt attempt, AskFrame ask)
    {
        var org = attempt.Key.OrgId;
        try
        {
            return ServerFrame.Reply(ask.Id, ask.What switch
            {
                Questions.Target => await Target(org, ask),
                Questions.Scheduled => await Find(org, RunOf(ask)),
                Questions.ScheduledList => await List(org, ask.Most),
                _ => await Cancel(org, RunOf(ask)),
            });
        }
        catch (ProblemException exception) when (exception.Problem.Status < 500)
        {
            return ServerFrame.Refuse(ask.Id, exception.Problem.Code, exception.Problem.Detail);
        }
        catch (Exception exception) when (exception is ProblemException || StoreUnavailable.IsCauseOf(exception))
        {
            return ServerFrame.Refuse(ask.Id, RefuseCodes.Unavailable, exception.Message);
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "A question of {Run} could not be answered", attempt.Key.Run);
            return ServerFrame.Refuse(ask.Id, RefuseCodes.Invalid, "This could not be answered; the executor's log says why.");
        }
    }

    async Task<RawJson> Target(string org, AskFrame ask)
    {
        if (ask.Bytes > Limits.PayloadBytes)
            throw new ProblemException(new(413, "payload_too_large", $"args: have {ask.Bytes:N0} bytes; at most {Limits.PayloadBytes:N0} are allowed."));
        // What cannot be a name is not put into a path, where it might be another path.
        if (!HandlerName.Fits(ask.Of))
            throw new ProblemException(new(404, "handler_not_found", $"There is no job and no function's export \"{ask.Of}\": a target {HandlerName.Rule}."));
        if (targets.JobOf(org, ask.Of) is not { } job)
        {
            using var response = await Send(HttpMethod.Post, org, $"targets/{Uri.EscapeDataString(ask.Of)}", null);
            job = (await response.Content.ReadFromJsonAsync<Resolved>(Json))!.Job;
            targets.Learn(org, ask.Of, job);
        }

        return RawJson.From(new Resolved(job), Json);
    }

    async Task<RawJson> Find(string org, RunId run)
    {
        // First: a start that leaves the outbox meanwhile is at the scheduler.
        var start = await underWay.Find(org, run, default);
        try
        {
            using var response = await Send(HttpMethod.Get, org, $"scheduled/{run}", null);
            return await Body(response);
        }
        catch (ProblemException exception) when (exception.Problem.Status == 404)
        {
            return start is null ? RawJson.Null : RawJson.From(ScheduledView.Of(start), Json);
        }
    }

    async Task<RawJson> List(string org, int most)
    {
        var starts = (await underWay.All(org, most, default)).ToDictionary(x => x.RunId.ToString());
        using var response = await Send(HttpMethod.Post, org, $"scheduled?limit={most}", JsonContent.Create(starts.Keys));
        var found = (await response.Content.ReadFromJsonAsync<Listed>(Json))!;
        foreach (var known in found.Known)
            starts.Remove(known);
        return RawJson.From(found.Functions.Concat(starts.Values.Select(ScheduledView.Of)).OrderBy(x => x.ScheduledTime).ThenBy(x => x.Id, StringComparer.Ordinal).Take(most), Json);
    }

    async Task<RawJson> Cancel(string org, RunId run)
    {
        var start = await underWay.Find(org, run, default);
        using var response = await Send(HttpMethod.Post, org, $"scheduled/{run}/cancel", JsonContent.Create(new { job = start?.Job }));
        return await Body(response);
    }

    async Task<HttpResponseMessage> Send(HttpMethod method, string org, string path, HttpContent? content)
    {
        var response = await calls.Send(method, calls.Scheduler, $"/internal/scheduler/orgs/{Uri.EscapeDataString(org)}/{path}", content, CancellationToken.None);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw new ProblemException(await InternalProblem.Read(response, "scheduler"));
    }

    static async Task<RawJson> Body(HttpResponseMessage response) => RawJson.Trusted(await response.Content.ReadAsByteArrayAsync());

    static RunId RunOf(AskFrame ask) =>
        RunId.TryParse(ask.Of, out var run) ? run : throw new ProblemException(Problem.Invalid("id", $"must be an id that runAfter or runAt gave, not \"{ask.Of}\""));

    sealed record Resolved(string Job);

    sealed record Listed(IReadOnlyList<ScheduledView> Functions, IReadOnlyList<string> Known);
}

/// <summary>A scheduled function as the scheduler shows it.</summary>
sealed record ScheduledView(string Id, string FunctionPath, RawJson Args, DateTimeOffset ScheduledTime, string State, int Attempts, string? ScheduledBy)
{
    /// <summary>One that the scheduler will have in a moment.</summary>
    public static ScheduledView Of(RunStart start) =>
        new(start.RunId.ToString(), start.Job, start.Payload, start.RunAt!.Value, "pending", 0, start.Trigger.Id);
}
