using System.Globalization;
using ReactorJobs.Bench.Workloads;

namespace ReactorJobs.Bench;

/// <param name="Runs">How many runs a workload makes; null is the workload's own number.</param>
/// <param name="Seconds">How long an open-loop workload lasts; null is the workload's own time.</param>
/// <param name="WarmUp">Runs before the measured ones: the JIT needs them.</param>
/// <param name="Repeat">How often each workload is measured; each time is a line.</param>
/// <param name="Clients">Concurrent callers of a closed-loop workload.</param>
/// <param name="Slots">Runs that the worker, or all functions together, take at once.</param>
/// <param name="Keep">Leave the data folder behind.</param>
/// <param name="Suite">Measure the four processes instead of the embedded suite.</param>
sealed record BenchOptions(
    string Workload, int? Runs = null, int? Seconds = null, int WarmUp = 10_000, int Repeat = 1, int Clients = 32, int Slots = 1000,
    bool Keep = false, bool Suite = false)
{
    public static string Usage =>
        $"""
        ./bench WORKLOAD [options]

          WORKLOAD      {string.Join(", ", Catalogue.All.Keys)}, or all ({string.Join(", ", Catalogue.Everyday)})
          --runs N      runs per measurement
          --seconds N   length of an open-loop workload
          --warm-up N   runs before the first measurement (10000)
          --repeat N    measurements of each workload (1)
          --clients N   concurrent callers (32)
          --slots N     runs that the worker, or all functions together, take at once (1000)
          --keep        leave the data folder behind
          --suite       the four processes instead of the embedded suite

        ./bench torture --help tells of the release gate: a suite of several processes under faults
        """;

    /// <summary>Null, and what to tell the caller, when the arguments are none that this program knows.</summary>
    public static BenchOptions? Parse(string[] args, out string complaint)
    {
        complaint = Usage;
        if (args is not [var workload, .. var rest] || workload is "-h" or "--help")
            return null;
        var options = new BenchOptions(workload);
        if (Catalogue.Named(workload).Count == 0)
            return Refuse($"{workload} is not a workload", out complaint);
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] is "--keep" or "--suite")
            {
                options = rest[i] == "--keep" ? options with { Keep = true } : options with { Suite = true };
                continue;
            }

            var name = rest[i];
            if (With(options, name, 1) is null)
                return Refuse($"{name} is not an option", out complaint);
            if (++i == rest.Length || !int.TryParse(rest[i], NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1)
                return Refuse($"{name} needs a whole number from 1", out complaint);
            options = With(options, name, value)!;
        }

        return options;
    }

    static BenchOptions? With(BenchOptions options, string name, int value) => name switch
    {
        "--runs" => options with { Runs = value },
        "--seconds" => options with { Seconds = value },
        "--warm-up" => options with { WarmUp = value },
        "--repeat" => options with { Repeat = value },
        "--clients" => options with { Clients = value },
        "--slots" => options with { Slots = value },
        _ => null,
    };

    static BenchOptions? Refuse(string what, out string complaint)
    {
        complaint = $"bench: {what}\n\n{Usage}";
        return null;
    }
}

/// <summary>The measurement cannot go on; the message says why.</summary>
sealed class BenchFailure(string message) : Exception(message);
