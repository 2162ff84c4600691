namespace ReactorJobs.Cli.Dev;

/// <summary>Placeholder: the embedded host takes its place.</summary>
static class DevHost
{
    public static Task<int> Run(DevOptions options, CancellationToken ct)
    {
        Console.Error.WriteLine($"error: reactor dev is not in this build (port {options.Port}, data {options.Data})");
        return Task.FromResult(ExitCode.Failed);
    }
}
