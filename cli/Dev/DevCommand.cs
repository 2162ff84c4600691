using System.CommandLine;

namespace ReactorJobs.Cli.Dev;

/// <param name="Port">Of the HTTP API, on loopback.</param>
/// <param name="Data">The folder of the database, the development token and the bundles.</param>
/// <param name="Example">Whether a first start puts the example job in.</param>
sealed record DevOptions(int Port, string Data, bool Example);

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
        var noExample = new Option<bool>("--no-example") { Description = "Do not put the example job in." };
        return commands.Leaf("dev", "Run the whole suite in this process, for development.", (given, _, ct) =>
        {
            var folder = Path.GetFullPath(given.GetRequiredValue(data), commands.Here.WorkingDirectory);
            return DevHost.Run(new DevOptions(given.GetValue(port), folder, !given.GetValue(noExample)), ct);
        }, port, data, noExample);
    }
}
