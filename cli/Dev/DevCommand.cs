using System.CommandLine;
using ReactorJobs.Embedded.Suite;
using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Cli.Dev;

/// <param name="Port">Of the HTTP API, on loopback.</param>
/// <param name="Data">The folder of the database, the development token and the bundles.</param>
/// <param name="Example">Whether a first start puts the example job in.</param>
/// <param name="Scale">How many processes of each service; null is all in this one process.</param>
/// <param name="Found">The nearest <c>Reactor.toml</c>, with the environment over it.</param>
/// <param name="Project">The folder whose functions and jobs are deployed, where it has some.</param>
sealed record DevOptions(int Port, string Data, bool Example, SuiteScale? Scale, FoundSettings Found, string Project);

/// <summary><c>reactor dev</c>: the whole suite in this process.</summary>
static class DevCommand
{
    public static Command Build(Commands commands)
    {
        var port = new Option<int>("--port") { Description = "Port of the API.", HelpName = "PORT", DefaultValueFactory = _ => 8000 };
        port.Validators.Add(given =>
        {
            if (given.Tokens is [var only] && int.TryParse(only.Value, out var n) && n is < 1 or > 65535) given.AddError("--port is 1 to 65535");
        });
        var data = new Option<string>("--data") { Description = "Where it keeps everything.", HelpName = "FOLDER", DefaultValueFactory = _ => ".reactor" };
        var noExample = new Option<bool>("--no-example") { Description = "Do not put the example job in; a folder with functions of its own has none." };
        var suite = new Option<bool>("--suite") { Description = "A process for each service, over RabbitMQ, instead of one for all." };
        var scale = new Option<string>("--scale") { Description = "How many of each service, with --suite, such as executor=3,scheduler=2.", HelpName = "SERVICE=N,…" };
        scale.Validators.Add(given =>
        {
            if (given.Tokens is [var only] && SuiteScale.TryParse(only.Value, out _) is { } flaw) given.AddError($"--scale {flaw}");
            if (given.Tokens.Count > 0 && !given.GetValue(suite)) given.AddError("--scale needs --suite");
        });
        return commands.Leaf("dev", "Run the whole suite in this process, for development, and deploy the project in this folder as it is saved.", (given, _, ct) =>
        {
            var here = commands.Here.WorkingDirectory;
            var found = Settings(commands.Here);
            var options = new DevOptions(
                given.GetValue(port), Path.GetFullPath(given.GetRequiredValue(data), here), !given.GetValue(noExample), ScaleOf(given.GetValue(suite), given.GetValue(scale)), found, DevProject.FolderOf(here, found.File));
            return DevHost.Run(options, commands.Here, ct);
        }, port, data, noExample, suite, scale);
    }

    static SuiteScale? ScaleOf(bool suite, string? text)
    {
        if (!suite)
            return null;
        SuiteScale.TryParse(text ?? "", out var scale);
        return scale;
    }

    static FoundSettings Settings(Surroundings here)
    {
        try
        {
            return SettingsFile.Load(here.WorkingDirectory, here.Environment);
        }
        catch (SettingsRefused refused)
        {
            throw new Failure(ExitCode.Failed, refused.Message);
        }
    }
}
