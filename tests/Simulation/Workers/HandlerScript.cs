namespace ReactorJobs.Tests.Simulation.Workers;

/// <summary>What a handler does, statement by statement.</summary>
public abstract record Statement
{
    /// <param name="Topic">Of an event that is emitted inside the step; null for none.</param>
    /// <param name="FailsBefore">The step throws in attempts before this one; 1 never throws.</param>
    /// <param name="Fatal">What it throws is not worth another attempt.</param>
    /// <param name="Ms">How long it takes; null is as it comes.</param>
    /// <param name="SchedulesAfter">How long after the step a run starts that it schedules; null for none.</param>
    public sealed record Step(string Name, string? Topic = null, int FailsBefore = 1, bool Fatal = false, int? Ms = null, int? SchedulesAfter = null) : Statement
    {
        public override string Key => "step:" + Name;
    }

    public sealed record Sleep(string Name, long Ms) : Statement
    {
        public override string Key => "sleep:" + Name;
    }

    public sealed record Emit(int Place, string Topic) : Statement
    {
        public override string Key => "emit:" + Place;
    }

    public abstract string Key { get; }
}

/// <param name="Parts">Done one after the other; the statements of a part at once.</param>
public sealed record HandlerScript(IReadOnlyList<IReadOnlyList<Statement>> Parts)
{
    public IEnumerable<Statement> All => Parts.SelectMany(x => x);

    /// <summary>Whether a run of it fails for good when nobody cancels it.</summary>
    public bool Fails(int maxAttempts) => All.OfType<Statement.Step>().Any(x => x.FailsBefore > 1 && (x.Fatal || x.FailsBefore > maxAttempts));

    /// <summary>One step, longer than a dispatch is left without a word.</summary>
    public static readonly HandlerScript Long = new([[new Statement.Step("long", Ms: 12_000)]]);

    public static HandlerScript Random(Random dice, IReadOnlyList<string> topics)
    {
        var parts = new List<IReadOnlyList<Statement>>();
        var emits = 0;
        var mayFail = true; // one step at most, so that it is known how a run ends
        for (var count = dice.Next(1, 5); parts.Count < count;)
            parts.Add(dice.Next(5) switch
            {
                0 => [new Statement.Sleep("s" + parts.Count, dice.Next(50, 9_000))],
                1 when topics.Count > 0 => [new Statement.Emit(emits++, topics[dice.Next(topics.Count)])],
                2 => [.. Enumerable.Range(0, dice.Next(2, 4)).Select(i => Branch($"p{parts.Count}-{i}"))],
                _ => [Step("a" + parts.Count)],
            });
        return new(parts);

        Statement Branch(string name) => dice.Next(4) == 0 ? new Statement.Sleep(name, dice.Next(50, 5_000)) : Step(name);

        Statement.Step Step(string name)
        {
            var fails = mayFail && dice.Next(6) == 0 ? dice.Next(2, 5) : 1;
            mayFail &= fails == 1;
            return new(name, topics.Count > 0 && dice.Next(3) == 0 ? topics[dice.Next(topics.Count)] : null, fails, fails > 1 && dice.Next(4) == 0,
                SchedulesAfter: topics.Count > 0 && dice.Next(5) == 0 ? dice.Next(4_000) : null);
        }
    }
}
