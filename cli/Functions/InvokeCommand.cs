using System.CommandLine;
using System.Text.Json;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Functions;

/// <summary><c>reactor functions invoke</c>: the answer goes to standard output as the function gave it, what is known about it to standard error.</summary>
static class InvokeCommand
{
    public static Command Build(Commands commands)
    {
        var name = FunctionCommands.Name();
        var payload = new Option<string>("--payload") { Description = "The request's body: JSON, @file, - for stdin.", HelpName = "JSON" };
        return commands.Leaf("invoke", "Call the live version and print what it answers; exit code 1 when that is an error.", async (given, session, ct) =>
        {
            if (session.Printer.Format == OutputFormat.Ids) throw Failure.Usage("a function's answer has no ids", "use -o table or -o json");
            var path = ApiPath.Invoke(given.GetRequiredValue(name));
            var body = await session.Json("--payload", given.GetValue(payload), ct);
            var answer = await session.Api.Invoke(path, body?.GetRawText(), ct);
            session.Terminal.Error.WriteLine(Summary(answer, session.Terminal.ErrorPaint));
            if (answer.Text.Length > 0) session.Terminal.Out.WriteLine(Body(answer.Text, session.Terminal.OutIsTerminal));
            return answer.Status < 400 ? ExitCode.Ok : ExitCode.Failed;
        }, name, payload);
    }

    static string Summary(FunctionAnswer answer, Paint paint)
    {
        var status = paint.Apply(Printable.Line($"{answer.Status} {answer.Reason}".TrimEnd()), answer.Status < 400 ? Tone.Good : Tone.Bad);
        return $"{status}{(answer.Took is { } took ? $" in {Durations.Format(took)}" : "")}{(answer.ColdStart ? ", cold start" : "")}";
    }

    /// <summary>Piped, byte for byte; on a terminal, readable and harmless.</summary>
    static string Body(string text, bool forPeople)
    {
        if (!forPeople) return text.TrimEnd('\n');
        try
        {
            return ApiAnswer.Read(text) is { ValueKind: not JsonValueKind.Undefined } json ? json.Pretty() : Printable.Block(text);
        }
        catch (JsonException)
        {
            return Printable.Block(text).TrimEnd('\n');
        }
    }
}
