using System.CommandLine;
using System.Text.Json;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Applying;

/// <summary><c>reactor apply</c>: components and job definitions of a file, all of them or none.</summary>
static class ApplyCommand
{
    static readonly Column[] Columns = ["RESOURCE", "ACTION"];

    public static Command Build(Commands commands)
    {
        var file = new Option<string>("--file", "-f") { Description = "YAML documents with uri and spec; - reads standard input.", HelpName = "FILE", Required = true };
        return commands.Leaf("apply", "Create or change components and job definitions, all of a file or none.", async (given, session, ct) =>
        {
            var name = given.GetRequiredValue(file);
            var folder = name == "-" ? commands.Here.WorkingDirectory : Path.GetDirectoryName(Path.GetFullPath(name, commands.Here.WorkingDirectory))!;
            var text = name == "-" ? await session.Terminal.ReadToEnd(ct) : await session.FileText(name, ct);
            var manifest = ResourceFile.Read(name == "-" ? "standard input" : name, text);
            try
            {
                session.Printer.Show(await session.Api.Post(ApiPath.ApplyResources, await manifest.Body(folder, ct), ct), Table);
            }
            catch (ApiRefusal refusal) when (refusal.Fields.Count > 0)
            {
                throw manifest.Refused(refusal);
            }

            return ExitCode.Ok;
        }, file);
    }

    static string Table(JsonElement applied, View view) => TextTable.Render(Columns, [.. applied.Items().Select(x => new Cell[]
    {
        x.Text("uri"),
        new(x.Text("action") ?? "-", x.Text("action") == "unchanged" ? Tone.Dim : Tone.Good),
    })], view);
}
