using System.Text.Json;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Runs;

/// <summary>Stays with a run to its end. A connection that breaks is taken up again: the run goes on without us.</summary>
static class RunWatch
{
    /// <summary>What one request waits for at most; longer waits are several requests, so that no proxy cuts them.</summary>
    static readonly TimeSpan OneWait = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    const int MostBreaks = 5;

    /// <summary>Prints what happens as it happens, then the result or the error.</summary>
    public static async Task<int> Follow(Session session, ApiAnswer started, CancellationToken ct)
    {
        var id = IdOf(started);
        session.Printer.Say(RunView.Line(started.Json, session.Printer.View).TrimEnd('\n'));
        var progress = new RunProgress();
        var end = await Interruptible(session, id, async () =>
        {
            var last = started.Json;
            var breaks = 0;
            while (!RunStatus.IsFinal(last.Text("status")))
            {
                try
                {
                    await foreach (var change in session.Api.Events(ApiPath.Follow(id), null, ct))
                    {
                        // Anything else on the stream is a sign of life.
                        if (Run(change.Data) is not { } run) continue;
                        (last, breaks) = (run, 0);
                        foreach (var line in progress.Changes(run, session.Printer.View)) session.Printer.Say(line);
                        if (RunStatus.IsFinal(run.Text("status"))) break;
                    }
                    if (RunStatus.IsFinal(last.Text("status"))) break;
                }
                catch (ConnectionLost) when (++breaks < MostBreaks)
                {
                }
                await Task.Delay(Pause, session.Clock, ct);
            }
            // The stream tells of changes; the whole run, with its result, is asked for once.
            return await session.Api.Get(ApiPath.Run(id), ct);
        });
        session.Printer.Show(end, RunProgress.End);
        return RunStatus.ExitCodeOf(end.Json.Text("status"));
    }

    /// <summary>Waits for the end, at most so long, and shows the run as it is then.</summary>
    public static async Task<int> Wait(Session session, ApiAnswer started, TimeSpan most, CancellationToken ct)
    {
        var id = IdOf(started);
        var since = session.Clock.GetTimestamp();
        var answer = await Interruptible(session, id, async () =>
        {
            while (true)
            {
                var left = most - session.Clock.GetElapsedTime(since);
                var asked = session.Clock.GetTimestamp();
                var wait = left <= TimeSpan.Zero ? TimeSpan.Zero : left < OneWait ? left : OneWait;
                var seen = await session.Api.Get(ApiPath.Run(id).With(("wait", $"{Math.Ceiling(wait.TotalMilliseconds)}ms")), ct);
                if (RunStatus.IsFinal(seen.Json.Text("status")) || session.Clock.GetElapsedTime(since) >= most) return seen;
                // A server that does not wait is not asked in a tight loop.
                if (session.Clock.GetElapsedTime(asked) < Pause) await Task.Delay(Pause, session.Clock, ct);
            }
        });
        session.Printer.Show(answer, Timeline.Render);
        var status = answer.Json.Text("status");
        if (!RunStatus.IsFinal(status))
            throw new Failure(ExitCode.Failed, $"{id} is still {status} after {Durations.Format(most)}", $"it goes on; look again with {LookAgain(id)}");
        return RunStatus.ExitCodeOf(status);
    }

    /// <summary>Who stops watching does not stop the run, and should know it.</summary>
    static async Task<ApiAnswer> Interruptible(Session session, string id, Func<Task<ApiAnswer>> watch)
    {
        try
        {
            return await watch();
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionLost)
        {
            session.Terminal.Error.WriteLine($"{id} goes on; look again with {LookAgain(id)}");
            throw;
        }
    }

    static string LookAgain(string id) => $"reactor jobs runs get {id}";

    static string IdOf(ApiAnswer started) =>
        started.Json.Text("id") ?? throw new Failure(ExitCode.Failed, "the answer to the trigger names no run", "is that address a Reactor suite?");

    static JsonElement? Run(string data)
    {
        try
        {
            var json = ApiAnswer.Read(data);
            return json.Text("status") is not null ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
