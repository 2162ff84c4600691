using System.Text;
using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Runs;

/// <summary>A run for people: what it is, then its steps and attempts as bars over one time axis, then what came of it.</summary>
static class Timeline
{
    const int WidthWhenPiped = 100;
    const int MostPayloadLines = 40;
    const string StepsAreMissing = "\nThe steps are not known: the executor that keeps them does not answer.\n";

    public static string Render(JsonElement run, View view)
    {
        var text = new StringBuilder(Header(run, view));
        var (steps, attempts) = (run.Items("steps"), run.Items("attempts"));
        var spans = steps.Select(s => StepSpan.Of(s, view.Now)).Concat(attempts.Select(a => StepSpan.OfAttempt(a, view.Now)));
        var axis = TimeAxis.Over(spans.OfType<StepSpan>(), Cells(steps, view));

        if (steps.Count > 0) text.Append('\n').Append(Steps(steps, axis, view));
        // semantics 18: without the executor there is no list at all, which is something else than no steps.
        else if (run.Field("steps") is null && run.Time("started_at") is not null) text.Append(StepsAreMissing);
        if (attempts.Count > 0) text.Append('\n').Append(Attempts(attempts, axis, view));
        if (run.Items("events") is { Count: > 0 } events) text.Append('\n').Append(Events(events, view));
        if (run.Field("payload") is { } payload) Section(text, view, "PAYLOAD", Cut(payload.Pretty()));
        if (run.Field("result") is { } result) Section(text, view, "RESULT", result.Pretty());
        if (run.Field("error") is { } error) Section(text, view, "ERROR", RunErrorText.Full(error, view));
        return text.ToString();
    }

    static string Header(JsonElement run, View view)
    {
        var status = run.Text("status") ?? "unknown";
        var wakes = status is RunStatus.Sleeping or RunStatus.Retrying or "pending" ? run.Time("wake_at") ?? run.Time("run_at") : null;
        var next = status switch { RunStatus.Sleeping => "wakes", RunStatus.Retrying => "retries", _ => "starts" };
        return view.Details($"{view.Paint.Bold(run.Text("id") ?? "run")}  {run.Text("job_id")}  {view.Paint.Status(status)}",
        [
            ("reason", run.Text("reason") ?? run.Text("status_reason")),
            ("attempt", RunView.Attempt(run) is { } attempt && run.Text("max_attempts") is { } most ? $"{attempt} of {most}" : RunView.Attempt(run)),
            ("trigger", RunView.Trigger(run)),
            ("priority", run.Text("priority") is { } priority and not "normal" ? priority : null),
            ("retry of", run.Text("retry_of")),
            ("created", view.Exact(run.Time("created_at"))),
            (next, wakes > view.Now ? view.Exact(wakes) : null),
            ("started", view.Exact(run.Time("started_at"))),
            ("completed", view.Exact(run.Time("completed_at"))),
            ("duration", RunView.Duration(run, view.Now)),
        ]);
    }

    static string Steps(IReadOnlyList<JsonElement> steps, TimeAxis? axis, View view)
    {
        Column[] columns = ["STEP", "STATUS", new("ATTEMPT", Right: true), new("DURATION", Right: true), axis?.Scale() ?? ""];
        return TextTable.Render(columns, [.. InOrder(steps).Select(step =>
        {
            var status = StepSpan.Status(step);
            var span = StepSpan.Of(step, view.Now);
            return new Cell[]
            {
                step.Text("name"),
                Cell.Status(status),
                step.Text("attempt"),
                step.Milliseconds("duration_ms") is { } took ? Durations.Format(took) : span is { } s ? Durations.Format(s.Length) : null,
                Bar(axis, span, Mark(step, status), Tone(step, status), Note(step, status, view)),
            };
        })], view with { Width = null });
    }

    static string Attempts(IReadOnlyList<JsonElement> attempts, TimeAxis? axis, View view)
    {
        var rows = attempts.Select(attempt =>
        {
            var span = StepSpan.OfAttempt(attempt, view.Now);
            var outcome = attempt.Text("outcome") ?? RunStatus.Running;
            return new Cell[]
            {
                $"#{attempt.Text("number")}",
                Cell.Status(outcome),
                span is { } s ? Durations.Format(s.Length) : null,
                attempt.Text("worker"),
                axis is not null && span is { } begun ? $"+{Durations.Format(begun.From - axis.From)}" : null,
                attempt.Field("error") is { } error ? new Cell(RunErrorText.Short(error), Output.Tone.Bad) : "",
            };
        });
        Column[] columns = ["ATTEMPT", "OUTCOME", new("DURATION", Right: true), "WORKER", new("START", Right: true), new("ERROR", Cut: true)];
        return TextTable.Render(columns, [.. rows], view);
    }

    static string Events(IReadOnlyList<JsonElement> events, View view)
    {
        Column[] columns = ["EVENT", "ID"];
        return TextTable.Render(columns, [.. events.Select(e => new Cell[] { e.Text("topic"), e.Text("id") })], view);
    }

    static IEnumerable<JsonElement> InOrder(IReadOnlyList<JsonElement> steps) => steps.OrderBy(s => s.Time("started_at") ?? DateTimeOffset.MaxValue);

    static Cell Bar(TimeAxis? axis, StepSpan? span, char mark, Tone tone, string note) =>
        axis is null || span is not { } s ? new Cell(note, Output.Tone.Dim) : new Cell($"{axis.Bar(s, mark)} {note}".TrimEnd(), tone);

    static char Mark(JsonElement step, string status) =>
        StepSpan.Sleeps(step) ? TimeAxis.Sleep : StepSpan.GoesOn(status) ? TimeAxis.Open : TimeAxis.Work;

    static Tone Tone(JsonElement step, string status) => StepSpan.Sleeps(step) ? Output.Tone.Dim : Paint.ToneOf(status);

    static string Note(JsonElement step, string status, View view) => step.Field("error") is { } error
        ? RunErrorText.Short(error)
        : status == StepSpan.Waiting && StepSpan.Due(step) is { } due ? $"until {view.Exact(due)}" : "";

    /// <summary>What the other columns leave of the line.</summary>
    static int Cells(IReadOnlyList<JsonElement> steps, View view)
    {
        const int StatusAttemptDuration = 9 + 2 + 7 + 2 + 8 + 2;
        var names = steps.Count == 0 ? 0 : steps.Max(s => s.Text("name")?.Length ?? 1);
        return Math.Clamp((view.Width ?? WidthWhenPiped) - names - 2 - StatusAttemptDuration, 16, 60);
    }

    static void Section(StringBuilder text, View view, string title, string body) =>
        text.Append('\n').Append(view.Paint.Dim(title)).Append('\n').Append(body.TrimEnd('\n')).Append('\n');

    static string Cut(string text)
    {
        var lines = text.Split('\n');
        return lines.Length <= MostPayloadLines
            ? text
            : $"{string.Join('\n', lines.Take(MostPayloadLines))}\n… {lines.Length - MostPayloadLines} more lines; -o json shows all";
    }
}
