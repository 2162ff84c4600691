using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>Shows when a schedule would fire, before anybody relies on it.</summary>
public sealed class PreviewEndpoints(TimeProvider time)
{
    const int DefaultCount = 10;
    const int MostFires = 500;
    const string InvalidSchedule = "invalid_schedule";

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/jobs/v1/_admin/schedules/preview", (Delegate)Preview).Accepts<PreviewSpec>("application/json").Produces<SchedulePreview>().ProducesProblem(400);

    async Task<IResult> Preview(HttpContext http) => ApiJson.Answer(200, Of(await RequestBody.ReadFields(http), time.GetUtcNow()));

    /// <summary>The next fires from a moment on, itself included.</summary>
    public static SchedulePreview Of(Fields fields, DateTimeOffset now)
    {
        var calendar = CronSchedule.Read(fields);
        var from = fields.Time("from") ?? now;
        if (from.UtcDateTime < CronZone.Earliest || from.UtcDateTime >= CronZone.Latest)
            fields.Wrong("from", $"must be from {CronZone.Earliest.Year} to {CronZone.Latest.Year - 1}");
        var count = (int)(fields.Integer("count", 1, MostFires) ?? DefaultCount);
        fields.Done(InvalidSchedule);
        var fires = calendar!.From(from).Take(count);
        return new(CronDescription.Of(calendar), [.. fires.Select(x => new PreviewedFire(x.At, x.Local.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture), x.Note))]);
    }
}

/// <summary>The shape of the request, for the API's description only.</summary>
public sealed record PreviewSpec(string? Schedule, string? Text, string? Timezone, bool? Seconds, DateTimeOffset? From, int? Count);

/// <param name="Description">The schedule in words.</param>
public sealed record SchedulePreview(string Description, IReadOnlyList<PreviewedFire> Fires);

/// <param name="Local">What the clocks of its zone show then, with their offset from UTC.</param>
/// <param name="Note">What a change of the clocks has to do with it.</param>
public sealed record PreviewedFire(DateTimeOffset At, string Local, string? Note);
