using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

/// <summary><c>POST /jobs/v1/_admin/schedules/preview</c>.</summary>
public sealed class Schedules_are_previewed
{
    static readonly DateTimeOffset Now = Given.At("2026-03-07T12:00Z");

    [Fact]
    public async Task Over_HTTP()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        new PreviewEndpoints(new Standing(Now)).Map(app);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };

        var response = await client.PostAsJsonAsync("/jobs/v1/_admin/schedules/preview", new { schedule = "30 2 * * *", timezone = "America/New_York", count = 2 });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """
            {"description":"every day at 02:30, New York","fires":[{"at":"2026-03-08T07:00:00.000Z","local":"2026-03-08T03:00:00-04:00","note":"moved: 2026-03-08 02:30 does not exist, the clocks go forward from 2026-03-08 02:00 to 03:00"},{"at":"2026-03-09T06:30:00.000Z","local":"2026-03-09T02:30:00-04:00","note":null}]}
            """, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public void From_now_on_in_UTC_and_ten_of_them_where_nothing_else_is_said()
    {
        var preview = Preview("""{"schedule": "0 12 * * *"}""");
        Assert.Equal("every day at 12:00, UTC", preview.Description);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => Now.AddDays(i)), preview.Fires.Select(x => x.At));
        Assert.Equal("2026-03-07T12:00:00+00:00", preview.Fires[0].Local);
    }

    [Theory]
    [InlineData("""{"schedule": "0 12 * * *", "from": "2026-03-07T12:00:00Z", "count": 1}""", "2026-03-07T12:00Z")]
    [InlineData("""{"schedule": "0 12 * * *", "from": "2026-03-07T12:00:00.001Z", "count": 1}""", "2026-03-08T12:00Z")]
    [InlineData("""{"cron": "0 12 * * *", "from": "2026-03-07T07:00:00-05:00", "count": 1, "timezone": null, "seconds": false}""", "2026-03-07T12:00Z")]
    [InlineData("""{"schedule": "30 0 12 * * *", "seconds": true, "count": 1}""", "2026-03-07T12:00:30Z")]
    public void From_a_moment_on_itself_included(string json, string first) => Assert.Equal(Given.At(first), Preview(json).Fires.Single().At);

    [Fact]
    public void What_the_calendar_does_not_hold_is_left_out() =>
        Assert.Equal(["2192-02-29T00:00Z", "2196-02-29T00:00Z"], Preview("""{"schedule": "0 0 29 2 *", "from": "2190-01-01T00:00:00Z"}""").Fires.Select(x => x.At.ToString("yyyy-MM-dd'T'HH:mm'Z'", null)));

    [Theory]
    [InlineData("{}", "/schedule", "is required")]
    [InlineData("""{"schedule": null}""", "/schedule", "must be a string")]
    [InlineData("""{"schedule": 5}""", "/schedule", "must be a string")]
    [InlineData("""{"schedule": "0 25 * * *"}""", "/schedule", "hour \"25\" at position 3: must be from 0 to 23")]
    [InlineData("""{"cron": "0 25 * * *"}""", "/cron", "hour \"25\"")]
    [InlineData("""{"schedule": "0 0 * * *", "cron": "0 0 * * *"}""", "/cron", "is the schedule a second time, beside schedule")]
    [InlineData("""{"schedule": "0 0 * * * *"}""", "/schedule", "set seconds to true")]
    [InlineData("""{"schedule": "0 0 30 2 *"}""", "/schedule", "never comes")]
    [InlineData("""{"schedule": "0 0 * * *", "timezone": "Europe/Brelin"}""", "/timezone", "did you mean Europe/Berlin?")]
    [InlineData("""{"schedule": "0 0 * * *", "timezone": 5}""", "/timezone", "must be a string")]
    [InlineData("""{"schedule": "0 0 * * *", "time_zone": "UTC"}""", "/time_zone", "did you mean timezone?")]
    [InlineData("""{"schedule": "0 0 * * *", "seconds": 1}""", "/seconds", "must be true or false")]
    [InlineData("""{"schedule": "0 0 * * *", "from": "soon"}""", "/from", "RFC 3339")]
    [InlineData("""{"schedule": "0 0 * * *", "from": "1969-12-31T23:59:59Z"}""", "/from", "must be from 1970 to 2199")]
    [InlineData("""{"schedule": "0 0 * * *", "from": "2200-01-01T00:00:00Z"}""", "/from", "must be from 1970 to 2199")]
    [InlineData("""{"schedule": "0 0 * * *", "count": 0}""", "/count", "from 1 to 500")]
    [InlineData("""{"schedule": "0 0 * * *", "count": 501}""", "/count", "from 1 to 500")]
    public void A_mistake_is_named(string json, string pointer, string detail)
    {
        var problem = Assert.Throws<ProblemException>(() => Preview(json)).Problem;
        Assert.Equal((400, "invalid_schedule"), (problem.Status, problem.Code));
        Assert.Contains(problem.Errors!, x => x.Pointer == pointer && x.Detail.Contains(detail, StringComparison.Ordinal));
    }

    static SchedulePreview Preview(string json) => PreviewEndpoints.Of(new Fields(JsonDocument.Parse(json).RootElement, ""), Now);

    sealed class Standing(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
