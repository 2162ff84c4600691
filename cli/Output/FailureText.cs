using System.Text;

namespace ReactorJobs.Cli.Output;

static class FailureText
{
    public static string Render(Failure failure, Paint paint)
    {
        var text = new StringBuilder();
        text.Append(paint.Apply("error:", Tone.Bad)).Append(' ').Append(Printable.Line(failure.Message));
        if (failure.Code is { } code) text.Append(paint.Dim($" ({Printable.Line(code)})"));
        text.Append('\n');
        foreach (var field in failure.Fields) text.Append($"  {Printable.Line(field.Pointer)}: {Printable.Line(field.Detail)}\n");
        if (failure.Hint is { } hint) text.Append(paint.Apply("hint:", Tone.Busy)).Append(' ').Append(Printable.Line(hint)).Append('\n');
        return text.ToString();
    }
}
