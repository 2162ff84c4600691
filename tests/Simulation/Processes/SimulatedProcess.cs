using ReactorJobs.Tests.Simulation.Faults;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Processes;

/// <summary>Ends a process in the middle of whatever it does. Code that swallows it goes on without effect: its life is over.</summary>
public sealed class ProcessCrash() : Exception("The process is gone.");

/// <summary>One start of a process. What it scheduled, and what it would do to the outside, ends with it.</summary>
public sealed class Life(SimulatedProcess process)
{
    public SimulatedProcess Process => process;
    public World World => process.World;
    public bool IsOver { get; private set; }

    public event Action? Ended;

    /// <summary>Does it later, unless the process ends before; a paused process does it when it goes on.</summary>
    public void After(TimeSpan delay, Action act) => World.After(delay, () => Do(act));

    public void Every(TimeSpan period, Action act) => After(period * World.Dice.NextDouble(), () => Again(period, act));

    void Again(TimeSpan period, Action act)
    {
        After(period, () => Again(period, act));
        act();
    }

    public void Do(Action act)
    {
        if (IsOver)
            return;
        if (process.PausedUntil > World.Now)
        {
            World.After(process.PausedUntil - World.Now, () => Do(act));
            return;
        }

        try
        {
            act();
        }
        catch (ProcessCrash) when (IsOver)
        {
            // What it was doing is not done.
        }
    }

    /// <summary>Every effect on the outside asks first.</summary>
    public void MustLive()
    {
        if (IsOver)
            throw new ProcessCrash();
    }

    /// <summary>Ends the life in the middle of what it does.</summary>
    public ProcessCrash Crash()
    {
        process.Stop("crashes");
        return new ProcessCrash();
    }

    public void End()
    {
        IsOver = true;
        Ended?.Invoke();
    }
}

/// <summary>Something that starts, stops without warning, stands still for a while, and has its own clock.</summary>
public abstract class SimulatedProcess(World world, FaultPlan faults, string name)
{
    Life? life;

    public World World => world;
    public FaultPlan Faults => faults;
    public string Name => name;
    public Life? Life => life;
    public DateTimeOffset PausedUntil { get; private set; }

    /// <summary>By how much its clock is ahead.</summary>
    public TimeSpan ClockError { get; set; }

    public void Start()
    {
        if (life is not null)
            return;
        world.Say($"{name} starts");
        var started = life = new Life(this);
        started.Do(() => Boot(started));
    }

    /// <summary>Kills it; it comes back after a while.</summary>
    public void Stop(string how)
    {
        if (life is not { } ended)
            return;
        world.Say($"{name} {how}");
        life = null;
        PausedUntil = default;
        ended.End();
        world.After(world.Between(100, faults.Healed ? 1000 : 6000), Start);
    }

    public void Pause(TimeSpan length)
    {
        if (PausedUntil > world.Now || life is null)
            return;
        world.Say($"{name} stands still for {length}");
        PausedUntil = world.Now + length;
    }

    /// <summary>Makes everything anew from what is stored.</summary>
    protected abstract void Boot(Life life);
}
