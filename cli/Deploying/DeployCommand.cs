using System.CommandLine;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Deploying;

/// <summary><c>reactor deploy</c>: a project's functions, and its jobs.</summary>
static class DeployCommand
{
    public static Command Build(Commands commands)
    {
        var dir = new Option<string>("--dir") { Description = "The project's folder.", HelpName = "FOLDER", DefaultValueFactory = _ => "." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be done, and do nothing." };
        return commands.Leaf("deploy", $"Deploy a project: functions/* that have changed, then {JobManifest.File}.", async (given, session, ct) =>
        {
            var project = await Project.Read(given.GetRequiredValue(dir), session, commands.Here.WorkingDirectory, ct);
            foreach (var doubt in project.Manifest?.Doubts([.. project.Functions.Select(x => x.Name)]) ?? [])
                session.Terminal.Error.WriteLine($"{session.Terminal.ErrorPaint.Apply("warning:", Tone.Busy)} {doubt}");
            var deployment = new ProjectDeployment(session, project);
            if (given.GetValue(dryRun))
            {
                session.Printer.Show(DeployRow.Answer(await deployment.Plan(ct)), DeployRow.Table);
                return ExitCode.Ok;
            }
            var (functions, jobs) = (Count(project.Functions.Count, "function"), Count(project.Manifest?.Jobs.Count ?? 0, "job"));
            session.Printer.Say($"deploying {functions} and {jobs} to {session.Api.Url}");
            var (rows, exit) = await deployment.Run(ct);
            session.Printer.Say("");
            session.Printer.Show(DeployRow.Answer(rows), DeployRow.Table);
            return exit;
        }, dir, dryRun);
    }

    static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
