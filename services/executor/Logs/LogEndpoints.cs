using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.Logs;

/// <summary>Logs as server-sent events: what is stored, and with <c>follow=true</c> what comes.</summary>
static class LogEndpoints
{
    const int Page = 500;
    static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);

    // Another executor's lines wake nobody here: whoever follows looks for them himself.
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    public static void MapLogs(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/jobs/v1/_admin/logs", (HttpContext http) => Serve(http, null));
        endpoints.MapGet("/jobs/v1/_admin/jobs/{name}/logs", (HttpContext http, string name) => Serve(http, HandlerName.InPath(name)));
    }

    static async Task Serve(HttpContext http, string? job)
    {
        var request = LogRequest.Read(http.Request.Query, http.Request.Headers["Last-Event-ID"].ToString());
        var executor = http.RequestServices.GetRequiredService<ExecutorService>();
        var time = http.RequestServices.GetRequiredService<TimeProvider>();
        var filter = new LogFilter(http.Caller().OrgId, request.Run, job);

        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, executor.Stopping);
        using var follower = executor.LogFeed.Follow(filter);
        var (last, silentSince) = (request.After, time.GetTimestamp());
        await http.Response.Body.FlushAsync(stop.Token);
        try
        {
            for (; ; )
            {
                var lines = await executor.LogStore.Read(filter, last, Page, stop.Token);
                foreach (var line in lines)
                    await http.Response.WriteAsync(Event(line), stop.Token);
                if (lines.Count > 0)
                {
                    await http.Response.Body.FlushAsync(stop.Token);
                    (last, silentSince) = (lines[^1].Id, time.GetTimestamp());
                }

                last ??= 0;
                if (lines.Count == Page)
                    continue;
                if (!request.Follow)
                    return;
                await follower.Wait(LookEvery, time, stop.Token);
                if (time.GetElapsedTime(silentSince) < PingEvery)
                    continue;
                await http.Response.WriteAsync(": ping\n\n", stop.Token);
                await http.Response.Body.FlushAsync(stop.Token);
                silentSince = time.GetTimestamp();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The reader is gone, or the executor stops: either way the stream ends, and Last-Event-ID continues it.
        }
    }

    internal static string Event(LogEntry line)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("ts", line.Ts.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", line.Level);
            json.WriteString("run_id", line.Run.ToString());
            json.WriteNumber("attempt", line.Attempt);
            json.WriteString("step", line.Step);
            json.WriteString("message", line.Message);
            json.WriteEndObject();
        }

        return $"id: {line.Id.ToString(CultureInfo.InvariantCulture)}\ndata: {System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length)}\n\n";
    }
}

/// <param name="After">The last line that the reader has.</param>
sealed record LogRequest(RunId? Run, bool Follow, long? After)
{
    public static LogRequest Read(IQueryCollection query, string lastEventId)
    {
        var errors = new List<InputError>();
        RunId? run = null;
        var follow = false;
        long? after = null;
        foreach (var (name, values) in query)
        {
            var value = values.ToString();
            switch (name)
            {
                case "run_id" or "runId":
                    if (RunId.TryParse(value, out var id))
                        run = id;
                    else
                        errors.Add(new("run_id", "must be an id that begins with run_"));
                    break;
                case "follow":
                    if (value is "true" or "false")
                        follow = value == "true";
                    else
                        errors.Add(new("follow", "must be true or false"));
                    break;
                default:
                    errors.Add(new(name, "is not a known parameter; there are run_id and follow"));
                    break;
            }
        }

        if (lastEventId.Length > 0)
        {
            if (long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
                after = last;
            else
                errors.Add(new("Last-Event-ID", "must be the id of a log line"));
        }

        return errors.Count == 0 ? new(run, follow, after) : throw new ProblemException(Problem.Invalid(errors));
    }
}
