using ReactorJobs.Bench;
using ReactorJobs.Bench.Measuring;
using ReactorJobs.Bench.Suite;
using ReactorJobs.Bench.Workloads;

if (BenchOptions.Parse(args, out var complaint) is not { } options)
{
    Console.Error.WriteLine(complaint);
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

var report = new Report(Console.Out, Console.Error, options.Suite ? "reactor dev --suite" : "reactor dev");
try
{
    await using var stage = await Stage.Set(options, report, TimeProvider.System, stop.Token);
    foreach (var name in Catalogue.Named(options.Workload))
        await Catalogue.All[name](stage);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("bench: stopped");
    return 130;
}
catch (BenchFailure failure)
{
    Console.Error.WriteLine($"bench: {failure.Message}");
    return 1;
}

report.Table();
return 0;
