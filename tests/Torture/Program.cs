using ReactorJobs.Tests.Torture.Defects;
using ReactorJobs.Tests.Torture.Trials;

// ./bench torture: progress and a table on standard error, one line of JSON on standard output, exit code 1 where a promise is broken.
if (TrialArguments.Parse(args, out var complaint) is not { } arguments)
{
    await Console.Error.WriteLineAsync(complaint);
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

try
{
    if (arguments.Defects)
    {
        var findings = await new DefectHunt(arguments.Hunt(TimeProvider.System), TimeProvider.System, Console.Error.WriteLine).Run(stop.Token);
        await Console.Error.WriteLineAsync("\n" + DefectHunt.Table(findings));
        Console.WriteLine(DefectHunt.Json(findings));
        return findings.All(x => (x.Invariant is not null) != arguments.Control) ? 0 : 1;
    }

    var result = await new Trial(arguments.Trial(TimeProvider.System), TimeProvider.System, Console.Error.WriteLine).Run(stop.Token);
    await Console.Error.WriteLineAsync("\n" + Report.Table(result));
    Console.WriteLine(Report.Json(result));
    return result.Violations.Count == 0 ? 0 : 1;
}
catch (Exception exception) when (exception is TimeoutException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync($"the trial could not be made: {exception.Message}");
    return 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("stopped");
    return 130;
}
