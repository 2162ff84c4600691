using System.CommandLine;
using ReactorJobs.Cli.Bundles;
using ReactorJobs.Cli.Output;
using ReactorJobs.Hosting;

namespace ReactorJobs.Cli.Functions;

/// <summary><c>reactor functions deploy</c>: a folder becomes a version, and that goes live.</summary>
static class FunctionDeployCommand
{
    const string Functions = "functions";

    public static Command Build(Commands commands)
    {
        var name = new Argument<string?>("NAME") { Description = "The function; the folder's name when not given.", Arity = ArgumentArity.ZeroOrOne };
        var dir = new Option<string>("--dir") { Description = "Its folder; ./functions/NAME when not given, or this one without NAME.", HelpName = "FOLDER" };
        var noPromote = new Option<bool>("--no-promote") { Description = "Only build a version; what is live stays so." };
        return commands.Leaf("deploy", "Deploy a function from its folder, and put it live; the first time it is created.", async (given, session, ct) =>
        {
            var source = Read(given.GetValue(name), given.GetValue(dir), commands.Here.WorkingDirectory);
            var functions = new FunctionDeployment(session);
            var found = await functions.Find(source.Name, ct);
            var deployed = await functions.Upload(source, isNew: found is null, ct);
            if (!given.GetValue(noPromote))
            {
                var live = await functions.Promote(source.Name, (int?)deployed.Json.Number("version"), ct);
                session.Printer.Say(FunctionView.Live(live.Json, session.Printer.View).TrimEnd('\n'));
            }
            else session.Printer.Say($"{source.Name}: not live; put it live: reactor functions promote {source.Name} --version {deployed.Json.Text("version")}");
            if (session.Printer.Format != OutputFormat.Table) session.Printer.Show(deployed, (_, _) => "");
            return ExitCode.Ok;
        }, name, dir, noPromote);
    }

    static FunctionSource Read(string? name, string? dir, string here)
    {
        var shown = dir ?? (name is null ? "." : $"{Functions}/{name}");
        var folder = Path.GetFullPath(shown, here);
        if (!Directory.Exists(folder)) throw Failure.Usage($"there is no folder {shown}{Meant(name, dir, here)}", "--dir names the folder of the function");
        if (name is null && !BundleFolder.IsFunction(folder))
            throw Failure.Usage($"{(shown == "." ? "this folder" : shown)} is not a function: it has neither an index.ts nor a function.json",
                "reactor functions deploy NAME takes ./functions/NAME; reactor deploy takes all of them");
        return FunctionSource.Read(name ?? Path.GetFileName(folder.TrimEnd(Path.DirectorySeparatorChar)), folder, shown);
    }

    static string Meant(string? name, string? dir, string here)
    {
        var functions = new DirectoryInfo(Path.Combine(here, Functions));
        if (name is null || dir is not null || !functions.Exists) return "";
        var near = functions.EnumerateDirectories().Select(x => x.Name).Where(x => Spelling.Near(name, x)).Order(StringComparer.Ordinal).ToList();
        return near.Count == 0 ? "" : $"; did you mean {string.Join(" or ", near)}?";
    }
}
