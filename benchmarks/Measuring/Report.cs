using System.Globalization;
using System.Text.Json;

namespace ReactorJobs.Bench.Measuring;

/// <summary>What one measurement found; what it did not look at is null.</summary>
sealed record Result(string Workload, int Runs, Usage Usage, Percentiles? Latency = null)
{
    public double? RunsPerSecond { get; init; }
    public double? CommitsPerRun { get; init; }
    public double? WritesPerRun { get; init; }

    /// <summary>What only this workload has to say.</summary>
    public IReadOnlyDictionary<string, double> Extra { get; init; } = new Dictionary<string, double>();

    /// <summary>Of the suite and its PostgreSQL, in microseconds.</summary>
    public double CpuPerRun => PerRun(Usage.Cpu.Suite + Usage.Cpu.Postgres);

    public double PerRun(double seconds) => seconds * 1e6 / Runs;
}

/// <summary>A line of JSON for each result as it comes, and a table of all at the end.</summary>
sealed class Report(TextWriter lines, TextWriter table, string system)
{
    readonly List<Result> results = [];

    public void Say(string progress) => table.WriteLine($"  {progress}");

    public void Add(Result result)
    {
        results.Add(result);
        var cpu = result.Usage.Cpu;
        var line = new Dictionary<string, object?>
        {
            ["workload"] = result.Workload,
            ["system"] = system,
            ["runs"] = result.Runs,
            ["runs_per_s"] = Rounded(result.RunsPerSecond, 1),
            ["cpu_us_per_run"] = Rounded(result.CpuPerRun, 0),
            ["p50_ms"] = Rounded(result.Latency?.P50, 2),
            ["p95_ms"] = Rounded(result.Latency?.P95, 2),
            ["p99_ms"] = Rounded(result.Latency?.P99, 2),
            ["commits_per_run"] = Rounded(result.CommitsPerRun, 4),
            ["writes_per_run"] = Rounded(result.WritesPerRun, 4),
            ["suite_us"] = Rounded(result.PerRun(cpu.Suite), 0),
            ["postgres_us"] = Rounded(result.PerRun(cpu.Postgres), 0),
            ["worker_us"] = Rounded(result.PerRun(cpu.Worker), 0),
            ["load_us"] = Rounded(result.PerRun(cpu.Load), 0),
            ["seconds"] = Rounded(result.Usage.Seconds, 2),
            ["load1"] = result.Usage.Load1,
            ["others_cores"] = Rounded(Math.Max(0, cpu.Others) / result.Usage.Seconds, 2),
        };
        foreach (var (service, seconds) in result.Usage.Services)
            line[$"{service}_us"] = Rounded(result.PerRun(seconds), 0);
        foreach (var (name, value) in result.Extra)
            line[name] = Rounded(value, 2);
        lines.WriteLine(JsonSerializer.Serialize(line));
        lines.Flush();
    }

    public void Table()
    {
        if (results.Count == 0)
            return;
        string[] head =
            ["workload", "runs", "runs/s", "CPU us", "p50 ms", "p95 ms", "p99 ms", "commits/run", "suite", "postgres", "worker", "load", "others"];
        var rows = results.Select(x => new[]
        {
            x.Workload, $"{x.Runs}", Text(x.RunsPerSecond, "0"), Text(x.CpuPerRun, "0"),
            Text(x.Latency?.P50, "0.0"), Text(x.Latency?.P95, "0.0"), Text(x.Latency?.P99, "0.0"), Text(x.CommitsPerRun, "0.000"),
            Text(x.PerRun(x.Usage.Cpu.Suite), "0"), Text(x.PerRun(x.Usage.Cpu.Postgres), "0"), Text(x.PerRun(x.Usage.Cpu.Worker), "0"),
            Text(x.PerRun(x.Usage.Cpu.Load), "0"), Text(Math.Max(0, x.Usage.Cpu.Others) / x.Usage.Seconds, "0.00"),
        }).Prepend(head).ToArray();
        var widths = head.Select((_, i) => rows.Max(row => row[i].Length)).ToArray();
        table.WriteLine();
        foreach (var row in rows)
            table.WriteLine("  " + string.Join("  ", row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))));
        table.WriteLine("  CPU us: the suite with its PostgreSQL, per run; others: processors that foreign processes took");
    }

    static double? Rounded(double? value, int digits) => value is { } known ? Math.Round(known, digits) : null;

    static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
