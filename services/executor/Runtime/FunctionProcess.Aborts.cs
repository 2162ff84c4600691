using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Executor.Runtime;

/// <summary>What is to stop, and what comes of it when it does not.</summary>
sealed partial class FunctionProcess
{
    /// <summary>For a run that is to stop, before the process is ended.</summary>
    static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(2);

    /// <summary>Tells the function to stop the attempt, and ends the process when it does not.</summary>
    public void Abort(AttemptWork work, string reason)
    {
        lock (gate)
        {
            if (!attempts.Remove(KeyOf(work.Attempt)))
                return;
            if (early?.Remove(work) != true)
            {
                line?.Send(ServerFrame.Abort(work.Attempt, reason));
                Watch(KeyOf(work.Attempt), $"a run that was to stop ({reason}) did not within {AbortPatience.TotalSeconds:0} s");
            }
        }

        pool.Freed();
    }

    /// <summary>Nobody waits for the answer any more.</summary>
    public void Abandon(RequestWork work)
    {
        lock (gate)
        {
            var id = requests.FirstOrDefault(x => x.Value == work).Key;
            if (requests.Remove(id) && early?.Remove(work) != true)
                Watch(id, "it answered nothing any more");
        }

        pool.Freed();
    }

    void Watch(object what, string reason)
    {
        var asked = ++pings;
        line?.Send(new(ServerFrameKind.Ping));
        overdue[what] = around.Time.CreateTimer(_ => Overdue(what, asked, reason), null, AbortPatience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Where the process still answers, only this one handler goes on: the others may end theirs first. Where it does not, none can.
    /// </summary>
    void Overdue(object what, long asked, string reason)
    {
        lock (gate)
        {
            if (!overdue.Remove(what, out var timer))
                return;
            timer.Dispose();
            var answers = pongs >= asked;
            if (what is long && answers)
                return; // a request has no signal that could tell it to stop
            killed ??= reason;
            draining = true;
            if (answers && attempts.Count + requests.Count > 0)
                return;
        }

        Kill();
    }

    void Settled(object what)
    {
        lock (gate)
            if (overdue.Remove(what, out var timer))
                timer.Dispose();
        Done(static () => { });
    }
}
