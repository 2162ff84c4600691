using System.Globalization;
using System.Text;
using System.Text.Json;
using ReactorJobs.Tests.Simulation.Defects;
using ReactorJobs.Tests.Torture.Checking;
using ReactorJobs.Tests.Torture.Trials;

namespace ReactorJobs.Tests.Torture.Defects;

/// <summary>What the trials have found of one planted mistake.</summary>
/// <param name="Invariant">The promises that it has broken, each with how often; null where none was.</param>
sealed record Finding(string Defect, string? Invariant, string Text, int Trials, int Runs, int Faults, TimeSpan Took);

/// <summary>Plants each mistake of the simulator's list in the real programs, and tortures those until a promise is broken.</summary>
sealed class DefectHunt(HuntOptions options, TimeProvider time, Action<string> say)
{
    /// <summary>In the simulator a commit fails by an <see cref="IOException"/>; here as PostgreSQL, the network and Npgsql will have it.</summary>
    static readonly (string Simulated, string Real) CommitFails = ("catch (IOException)", "catch (Exception)");

    const string Works = "the suite works at all";

    public static IEnumerable<Defect> Planted(string? only) =>
        Defect.All.Where(x => only is null || only.Split(',', StringSplitOptions.TrimEntries).Any(part => x.Name.Contains(part, StringComparison.OrdinalIgnoreCase)))
            .Select(x => x with { Replacement = x.Replacement.Replace(CommitFails.Simulated, CommitFails.Real, StringComparison.Ordinal) });

    public async Task<IReadOnlyList<Finding>> Run(CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("reactor-mutants-").FullName;
        try
        {
            var programs = new MutantPrograms(folder);
            if (!options.Control)
            {
                say("building the sources that the mistakes are planted in");
                await programs.Prepare(stop);
            }

            var findings = new List<Finding>();
            foreach (var defect in Planted(options.Only))
            {
                if (Aim.WhyHidden(defect) is { } why)
                {
                    say($"{defect.Name,-62} is not planted: it {why}");
                    continue;
                }

                var finding = await Hunt(defect, options.Control ? AppContext.BaseDirectory : await programs.Plant(defect, stop), stop);
                findings.Add(finding);
                say(Line(finding));
            }

            return findings;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    async Task<Finding> Hunt(Defect defect, string programs, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var (runs, faults) = (0, 0);
        var aim = Aim.At(defect);
        for (var trial = 1; ; trial++)
        {
            var violation = await Try(new(options.Seed + trial, options.Runs, options.Faults, options.Lanes, programs, options.Patience)
            {
                Cards = aim?.Cards,
                Jobs = aim?.Jobs,
                Shape = aim?.Shape ?? new(),
            }, stop);
            runs += options.Runs;
            faults += options.Faults;
            if (violation is not null || trial == options.Trials)
                return new(defect.Name, violation?.Invariant, violation?.Text ?? "NOT FOUND", trial, runs, faults, time.GetElapsedTime(began));
        }
    }

    /// <summary>All promises that were broken, and how the first of them was; null where none was.</summary>
    async Task<Violation?> Try(TrialOptions trial, CancellationToken stop)
    {
        try
        {
            var result = await new Trial(trial, time, line => say("    " + line)).Run(stop);
            say($"    {result.Counts.LostAttempts} attempts were lost, {result.Counts.FencedWrites} writes of theirs were refused");
            Violation[] broken = [.. result.Violations.Where(x => x.Invariant != Vacuity.Vacuous)];
            return broken.Length == 0 ? null : new(
                string.Join("; ", broken.CountBy(x => x.Invariant).Select(x => $"{x.Key} ({x.Value})")), string.Join("; ", broken.DistinctBy(x => x.Invariant).Select(x => x.Text)));
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException)
        {
            return new(Works, exception.Message.Split('\n')[0]);
        }
    }

    public static string Table(IReadOnlyList<Finding> findings)
    {
        var text = new StringBuilder();
        foreach (var finding in findings)
            text.AppendLine(Line(finding));
        return text.AppendLine(CultureInfo.InvariantCulture, $"{findings.Count(x => x.Invariant is not null)} of {findings.Count} found").ToString();
    }

    public static string Json(IReadOnlyList<Finding> findings) => JsonSerializer.Serialize(new
    {
        workload = "torture --defects",
        planted = findings.Count,
        found = findings.Count(x => x.Invariant is not null),
        defects = findings.Select(x => new { name = x.Defect, violated = x.Invariant, runs = x.Runs, faults = x.Faults, seconds = (int)x.Took.TotalSeconds }),
    });

    static string Line(Finding finding) => string.Create(CultureInfo.InvariantCulture,
        $"{finding.Defect,-62} {finding.Runs,6} runs {finding.Faults,4} faults {finding.Took.TotalSeconds,5:0} s  {finding.Invariant}: {finding.Text}");
}

/// <param name="Runs">Of each trial, as <paramref name="Faults"/>.</param>
/// <param name="Trials">Of each mistake at most.</param>
/// <param name="Only">Parts of the names of those that are planted, separated by commas; null plants all.</param>
/// <param name="Control">None is planted: what is found under the same faults is not the mistake's.</param>
sealed record HuntOptions(int Seed, int Runs, int Faults, int Lanes, int Trials, TimeSpan Patience, string? Only, bool Control);
