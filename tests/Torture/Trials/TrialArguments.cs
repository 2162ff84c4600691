using System.Globalization;
using ReactorJobs.Tests.Torture.Defects;

namespace ReactorJobs.Tests.Torture.Trials;

/// <summary>What <c>./bench torture</c> was asked for. A number that was not named has the default of what is done.</summary>
sealed record TrialArguments(int? Runs = null, int? Faults = null, int? Seed = null, int Lanes = 3, int Trials = 2, bool Defects = false, bool Control = false, string? Only = null)
{
    const string Usage =
        """
        ./bench torture [options]

          --runs N      runs that clients trigger (10000; with --defects 500 in each trial)
          --faults N    faults meanwhile (200; with --defects 12)
          --lanes N     faults at once (3)
          --seed N      repeats the choices of a trial, not its timing (another one each time)
          --defects     plants known mistakes in the programs, one after the other, and fails where one is not found
          --control     with --defects, plants none of them: fails where the same faults break something all the same
          --trials N    trials of each mistake at most (2)
          --only TEXT   mistakes whose names have this in them, or one of several parts, separated by commas
        """;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>A mistake often shows in what never ends: that is not waited for any longer than sound programs take.</summary>
    static readonly TimeSpan PatienceWithDefects = TimeSpan.FromSeconds(60);

    /// <summary>Null, and what to tell the caller, when the arguments are none that this program knows.</summary>
    public static TrialArguments? Parse(string[] args, out string complaint)
    {
        complaint = Usage;
        var parsed = new TrialArguments();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--defects")
            {
                parsed = parsed with { Defects = true };
                continue;
            }

            if (args[i] == "--control")
            {
                parsed = parsed with { Control = true };
                continue;
            }

            if (args[i] is "-h" or "--help")
                return null;
            if (i + 1 == args.Length || With(parsed, args[i], args[i + 1]) is not { } next)
            {
                complaint = $"{args[i]} is no option, or has no value that it can have\n\n{Usage}";
                return null;
            }

            parsed = next;
            i++;
        }

        return parsed;
    }

    public TrialOptions Trial(TimeProvider time) => new(SeedOr(time), Runs ?? 10_000, Faults ?? 200, Lanes, AppContext.BaseDirectory, Patience);

    public HuntOptions Hunt(TimeProvider time) => new(SeedOr(time), Runs ?? 500, Faults ?? 12, Lanes, Trials, PatienceWithDefects, Only, Control);

    int SeedOr(TimeProvider time) => Seed ?? (int)(time.GetTimestamp() & 0xffffff);

    static TrialArguments? With(TrialArguments arguments, string name, string value) =>
        name == "--only" ? arguments with { Only = value }
        : !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? null
        : (name, number) switch
        {
            ("--runs", > 0) => arguments with { Runs = number },
            ("--faults", > 0) => arguments with { Faults = number },
            ("--lanes", > 0) => arguments with { Lanes = number },
            ("--trials", > 0) => arguments with { Trials = number },
            ("--seed", _) => arguments with { Seed = number },
            _ => null,
        };
}
