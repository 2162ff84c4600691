using ReactorJobs.Tests.Torture.Checking;
using ReactorJobs.Tests.Torture.Faults;
using ReactorJobs.Tests.Torture.Metering;
using ReactorJobs.Tests.Torture.Suites;
using ReactorJobs.Tests.Torture.Workload;

namespace ReactorJobs.Tests.Torture.Trials;

/// <param name="Lanes">Faults at once.</param>
/// <param name="Programs">The folder of the services' programs.</param>
/// <param name="Patience">How long all may take to be quiet when the last fault is over.</param>
sealed record TrialOptions(int Seed, int Runs, int Faults, int Lanes, string Programs, TimeSpan Patience)
{
    public Shape Shape { get; init; } = new();

    /// <summary>Null is all kinds of faults.</summary>
    public IReadOnlyList<Card>? Cards { get; init; }

    /// <summary>Null is all that there are.</summary>
    public IReadOnlyList<string>? Jobs { get; init; }
}

/// <summary>A suite, a workload and the faults of a seed; and what has become of the promises.</summary>
sealed class Trial(TrialOptions options, TimeProvider time, Action<string> say)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan BetweenWords = TimeSpan.FromSeconds(10);

    readonly long began = time.GetTimestamp();

    public async Task<TrialResult> Run(CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("reactor-torture-").FullName;
        try
        {
            Say($"seed {options.Seed} (it repeats the choices, not the timing); {folder}");
            var progress = new Lines(Say);
            await using var suite = await TorturedSuite.Start(options.Shape, folder, options.Programs, time, progress, stop);
            await using var redeliveries = new Redeliveries(suite.Broker, time);
            return await Run(suite, redeliveries, stop);
        }
        finally
        {
            if (Environment.GetEnvironmentVariable("REACTOR_KEEP") is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    async Task<TrialResult> Run(TorturedSuite suite, Redeliveries redeliveries, CancellationToken stop)
    {
        var reading = new Reading(suite, redeliveries);
        await reading.CreateJobs();
        var (items, plan) = (WorkloadPlan.Of(options.Seed, options.Runs, options.Jobs), FaultPlan.Of(options.Seed, options.Faults, options.Shape, options.Cards));
        await using var load = new Load(suite, items, time);
        await using var counters = new CounterWatch(suite, time);
        counters.Begin();
        var begun = 0;
        var injector = new Injector(suite, reading.Lines, reading.Busiest, fault =>
        {
            LetIn(load, Interlocked.Increment(ref begun));
            Say($"{fault.Number,3}. {fault.Kind} {fault.Describe()}{(fault.Lasts > TimeSpan.Zero ? $" for {fault.Lasts.TotalSeconds:0.0} s" : "")} ({load.Asked} triggered)");
        }, time);
        LetIn(load, 0);
        var starting = time.GetTimestamp();
        var work = load.Run(stop);
        await injector.Make(plan, options.Lanes, stop);
        suite.Wiring.Heal();
        LetIn(load, options.Faults);
        Say("the faults are over");
        await work;
        await load.Settle(stop);
        Say("every client has its answers");
        var leftovers = await Quiet(reading, stop);
        Say(leftovers.Count == 0 ? "all is quiet" : $"still there: {List(leftovers)}");
        if (leftovers.Count > 0)
            foreach (var run in await reading.Unfinished())
                Say(run);
        var history = await reading.Read(items, [.. load.Calls], leftovers, counters.Found, injector.Windows);
        foreach (var line in suite.Faults())
            Say(line);
        var counts = new Counts(history, Counted.Read(suite.Meters, Counted.FencedWrites), Counted.Read(suite.Meters, Counted.LateWrites), redeliveries.Count, time.GetElapsedTime(starting));
        Violation[] violations =
        [
            .. Checker.Check(history),
            .. Vacuity.Check(history.Runs.Count, counts.Touched, counts.FencedWrites + counts.LateWrites, counts.Redeliveries, options.Faults, injector.Windows.Count, counters.Looks),
        ];
        return new(options, counts, violations);
    }

    void LetIn(Load load, int faults) => load.LetIn((int)((long)options.Runs * (faults + 1) / (options.Faults + 1)));

    /// <summary>Nothing is under way any more, or what still is after all patience.</summary>
    async Task<IReadOnlyList<Leftover>> Quiet(Reading reading, CancellationToken stop)
    {
        var (since, said) = (time.GetTimestamp(), time.GetTimestamp());
        while (true)
        {
            var left = await reading.Leftovers();
            if (left.Count == 0)
                return left;
            if (time.GetElapsedTime(since) > options.Patience)
                return [.. left.Union(await reading.InQueues())];
            if (time.GetElapsedTime(said) > BetweenWords)
            {
                Say($"waiting for {List(left)}");
                said = time.GetTimestamp();
            }

            await Task.Delay(Look, time, stop);
        }
    }

    static string List(IReadOnlyList<Leftover> leftovers) => string.Join(", ", leftovers.Select(x => $"{x.What} {x.Count}"));

    void Say(string line) => say($"{time.GetElapsedTime(began).TotalSeconds,6:0.0} s  {line}");

    sealed class Lines(Action<string> say) : IProgress<string>
    {
        public void Report(string value) => say(value);
    }
}
