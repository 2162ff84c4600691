using ReactorJobs.Tests.Simulation.Processes;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Faults;

/// <summary>
/// What goes wrong in a world, and how often. Each kind is on in about half of the worlds, so that some see a single kind and others
/// many at once; when the world heals, all stop.
/// </summary>
public sealed class FaultPlan(World world)
{
    readonly double crash = Half(world, 0.004);
    readonly double unavailable = Half(world, 0.03);
    readonly double lostAnswer = Half(world, 0.03);
    readonly double broken = Half(world, 0.02);
    readonly double lose = Half(world, 0.08);
    readonly double unconfirmed = Half(world, 0.08);
    readonly double twice = Half(world, 0.08);
    readonly double late = Half(world, 0.08);
    readonly double elsewhere = Half(world, 0.05);

    public bool Healed { get; private set; }

    /// <summary>How often a process crashes, stands still, has its clock jump, or loses a connection, per second.</summary>
    public double CrashesPerSecond { get; } = Half(world, 0.06);
    public double PausesPerSecond { get; } = Half(world, 0.08);
    public double JumpsPerSecond { get; } = Half(world, 0.02);
    public double CutsPerSecond { get; } = Half(world, 0.05);
    public double ReleasesPerAttempt { get; } = Half(world, 0.05);

    /// <summary>The store is away for a while, longer than a group is patient.</summary>
    public double OutagesPerSecond { get; } = Half(world, 0.02);

    public DateTimeOffset StoresAwayUntil { get; set; }

    /// <summary>What an executor says of its slots does not arrive for a while, long enough for it to be taken for dead while it works on.</summary>
    public double MutesPerSecond { get; } = Half(world, 0.06);

    readonly Dictionary<SimulatedProcess, DateTimeOffset> muted = [];

    public void Mute(SimulatedProcess process, TimeSpan length) => muted[process] = world.Now + length;

    public bool IsMuted(SimulatedProcess process) => !Healed && muted.TryGetValue(process, out var until) && until > world.Now;

    public bool Crash => Hits(crash);
    public bool LoseMessage => Hits(lose);
    public bool LeaveUnconfirmed => Hits(unconfirmed);
    public bool SendTwice => Hits(twice);
    public bool SendLate => Hits(late);

    /// <summary>Another process has written to what a group assumes.</summary>
    public bool WrittenElsewhere => Hits(elsewhere);

    public void Heal() => Healed = true;

    public bool Hits(double probability) => !Healed && world.Chance(probability);

    /// <summary>Before an effect on a store: the process may die, the store may be away, or refuse for a reason that does not pass.</summary>
    public void Before(Life life, string what)
    {
        life.MustLive();
        if (!Healed && StoresAwayUntil > world.Now)
            throw new IOException("The store is away.");
        if (Crash)
        {
            world.Say($"{life.Process.Name} dies before {what}");
            throw life.Crash();
        }

        if (Hits(unavailable))
        {
            world.Say($"{life.Process.Name} cannot reach the store for {what}");
            throw new IOException("The store did not answer.");
        }
    }

    /// <summary>After an effect that happened: the process may die without hearing of it, or hear of a failure.</summary>
    public void After(Life life, string what)
    {
        if (Crash)
        {
            world.Say($"{life.Process.Name} dies after {what}");
            throw life.Crash();
        }

        if (Hits(lostAnswer))
        {
            world.Say($"{life.Process.Name} does not hear that {what} happened");
            throw new IOException("The store's answer was lost.");
        }
    }

    /// <summary>A group of several items fails for a reason that is not the store's absence: it is committed one by one.</summary>
    public void Group(int items)
    {
        if (items > 1 && Hits(broken))
            throw new InvalidOperationException("Something in this group is wrong.");
    }

    static double Half(World world, double most) => world.Dice.Next(2) == 0 ? 0 : most * world.Dice.NextDouble();
}
