using System.Text;
using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Runs;

/// <summary>Tells a run's changes as lines: what is new since the last look, each with its time since the run was made.</summary>
sealed class RunProgress
{
    const int NameWidth = 24;

    readonly HashSet<string> told = new(StringComparer.Ordinal);

    public IEnumerable<string> Changes(JsonElement run, View view)
    {
        var lines = new List<(DateTimeOffset At, string Name, string What)>();
        void Tell(string key, DateTimeOffset? at, string name, string what)
        {
            if (told.Add(key)) lines.Add((at ?? view.Now, name, what));
        }

        var attempt = run.Text("attempt");
        foreach (var ended in run.Items("attempts").Where(a => a.Text("outcome") is not null))
        {
            var (number, outcome) = (ended.Text("number"), ended.Text("outcome")!);
            // The end of the run says it again, with the whole error.
            if (outcome == RunStatus.Completed) continue;
            var what = Outcome(view, outcome, ended.Field("error"));
            Tell($"attempt {number} {ended.Text("epoch")}", ended.Time("ended_at"), $"attempt {number}", what);
        }
        foreach (var step in run.Items("steps"))
        {
            var (name, sleeps) = (step.Text("name") ?? "step", StepSpan.Sleeps(step));
            var status = StepSpan.Status(step);
            var took = step.Milliseconds("duration_ms");
            Tell($"step {name} {status} {step.Text("attempt")}", step.Time("started_at") + (took ?? TimeSpan.Zero), name,
                took is { } time && !(sleeps && status == StepSpan.Waiting)
                    ? $"{view.Paint.Status(status)}  {Durations.Format(time)}"
                    : view.Paint.Status(status));
        }
        switch (run.Text("status"))
        {
            case RunStatus.Running:
                Tell($"running {attempt}", run.Time("started_at"), view.Paint.Dim("running".PadRight(NameWidth)), $"attempt {attempt}");
                break;
            case RunStatus.Sleeping or RunStatus.Retrying:
                var until = run.Time("wake_at") ?? run.Time("run_at");
                Tell($"{run.Text("status")} {attempt} {until}", null, view.Paint.Dim(run.Text("status")!.PadRight(NameWidth)),
                    until > view.Now ? $"until {view.Exact(until)}" : "");
                break;
        }

        var start = run.Time("created_at") ?? view.Now;
        foreach (var (at, name, what) in lines.OrderBy(l => l.At))
        {
            var after = $"+{Durations.Format(at > start ? at - start : TimeSpan.Zero)}".PadLeft(8);
            yield return $"  {view.Paint.Dim(after)}  {name.PadRight(NameWidth)}  {what}".TrimEnd();
        }
    }

    /// <summary>The last lines: how it ended, and with what.</summary>
    public static string End(JsonElement run, View view)
    {
        var status = run.Text("status") ?? "unknown";
        var took = run.Milliseconds("duration_ms") is { } time ? $" in {Durations.Format(time)}" : "";
        var text = new StringBuilder().Append(view.Paint.Status(status)).Append(took).Append('\n');
        if (run.Field("error") is { } error) text.Append(RunErrorText.Full(error, view));
        else if (run.Field("result") is { } result) text.Append(result.Pretty()).Append('\n');
        return text.ToString();
    }

    static string Outcome(View view, string outcome, JsonElement? error) =>
        error is { } e ? $"{view.Paint.Status(outcome)}  {RunErrorText.Short(e)}" : view.Paint.Status(outcome);
}
