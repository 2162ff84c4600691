using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Following;

/// <summary>Waits for a run's end, or streams its changes as server-sent events. A host that stops keeps nobody waiting.</summary>
public sealed class RunFollowing(RunFollowers followers, RunQueries queries, RunDetail detail, IHostApplicationLifetime lifetime, TimeProvider time)
{
    // Another scheduler's commits are not told in this process; the database is asked this often.
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Ping = TimeSpan.FromSeconds(15);

    /// <summary>The run when it has ended, or as it is when the time is up.</summary>
    public async Task<Run> End(Run run, TimeSpan atMost, CancellationToken stop)
    {
        using var follower = followers.Follow(new(run.OrgId, run.Id));
        await using var end = lifetime.ApplicationStopping.Register(follower.Changed);
        var started = time.GetTimestamp();
        while (true)
        {
            run = await queries.Find(run.OrgId, run.Id, stop) ?? run;
            var left = atMost - time.GetElapsedTime(started);
            if (run.IsFinal || left <= TimeSpan.Zero || lifetime.ApplicationStopping.IsCancellationRequested)
                return run;
            await follower.Next(left < LookAgain ? left : LookAgain, time, stop);
        }
    }

    /// <summary>One event for each change that is seen, the whole run as its data; the stream ends with the run.</summary>
    public async Task Stream(Run run, HttpContext http)
    {
        var stop = http.RequestAborted;
        using var follower = followers.Follow(new(run.OrgId, run.Id));
        await using var end = lifetime.ApplicationStopping.Register(follower.Changed);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        string? shown = null;
        var spoke = time.GetTimestamp();
        while (true)
        {
            run = await queries.Find(run.OrgId, run.Id, stop) ?? run;
            var text = JsonSerializer.Serialize(await detail.Of(run, stop), ApiJson.Options);
            if (text != shown)
            {
                shown = text;
                spoke = time.GetTimestamp();
                await http.Response.WriteAsync($"event: run\nid: {run.Epoch}-{run.Status}\ndata: {text}\n\n", stop);
                await http.Response.Body.FlushAsync(stop);
            }
            else if (time.GetElapsedTime(spoke) > Ping)
            {
                spoke = time.GetTimestamp();
                await http.Response.WriteAsync(": ping\n\n", stop);
                await http.Response.Body.FlushAsync(stop);
            }

            if (run.IsFinal || lifetime.ApplicationStopping.IsCancellationRequested)
                return;
            await follower.Next(LookAgain, time, stop);
        }
    }
}
