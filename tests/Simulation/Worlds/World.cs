using System.Globalization;
using System.Runtime.CompilerServices;

namespace ReactorJobs.Tests.Simulation.Worlds;

/// <summary>One seed's time and dice: everything that happens is an event in one queue, in the order of simulated time.</summary>
public sealed class World(int seed, bool traced)
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    readonly PriorityQueue<Action, (long At, long Order)> events = new();
    long order;

    public int Seed => seed;
    public Random Dice { get; } = new(seed);
    public DateTimeOffset Now { get; private set; } = Start;
    public int Steps { get; private set; }

    /// <summary>What happened, line by line; null when nobody wants to read it.</summary>
    public Trace? Trace { get; } = traced ? new() : null;

    public void After(TimeSpan delay, Action act) => events.Enqueue(act, ((Now + delay).Ticks, order++));

    /// <summary>Lets the next thing happen; false when nothing is left or it lies behind the given moment.</summary>
    public bool Step(DateTimeOffset until)
    {
        if (!events.TryPeek(out var act, out var when) || when.At > until.Ticks)
            return false;
        events.Dequeue();
        Now = new(when.At, TimeSpan.Zero);
        Steps++;
        act();
        return true;
    }

    /// <summary>A length of time between the two, to a tenth of a microsecond: clocks are never round.</summary>
    public TimeSpan Between(double fromMs, double toMs) => TimeSpan.FromTicks((long)((fromMs + ((toMs - fromMs) * Dice.NextDouble())) * TimeSpan.TicksPerMillisecond));

    public bool Chance(double probability) => probability > 0 && Dice.NextDouble() < probability;

    public T Pick<T>(IReadOnlyList<T> of) => of[Dice.Next(of.Count)];

    public void Say([InterpolatedStringHandlerArgument("")] TraceText text)
    {
        if (Trace is not null)
            Trace.Add(Now - Start, text.ToString());
    }
}

/// <summary>A line of the trace, put together only where one is kept.</summary>
[InterpolatedStringHandler]
public ref struct TraceText
{
    DefaultInterpolatedStringHandler inner;

    public TraceText(int literals, int holes, World world, out bool wanted)
    {
        wanted = world.Trace is not null;
        inner = wanted ? new(literals, holes, CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string text) => inner.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => inner.AppendFormatted(value);

    public override string ToString() => inner.ToStringAndClear();
}

public sealed class Trace
{
    readonly List<string> lines = [];

    /// <summary>Of everything that was said: the same seed must give the same number.</summary>
    public ulong Hash { get; private set; } = 14695981039346656037;

    public void Add(TimeSpan at, string text)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,11:F6} {text}");
        foreach (var c in line)
            Hash = (Hash ^ c) * 1099511628211;
        lines.Add(line);
    }

    public string Tail(int most, string? about = null) =>
        string.Join('\n', lines.Where(x => about is null || x.Contains(about, StringComparison.Ordinal)).TakeLast(most));
}
