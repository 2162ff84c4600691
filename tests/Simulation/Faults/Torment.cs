using ReactorJobs.Tests.Simulation.Processes;
using ReactorJobs.Tests.Simulation.Workers;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Faults;

/// <summary>What happens to processes and lines whatever they are doing: kills, pauses, clocks that jump, cuts, a store that is away.</summary>
public sealed class Torment(
    World world, FaultPlan faults, IReadOnlyList<SimulatedProcess> processes, IReadOnlyList<ExecutorProcess> executors, IReadOnlyList<Worker> workers)
{
    static readonly TimeSpan ThreeHeartbeats = TimeSpan.FromSeconds(15);

    public void Begin()
    {
        Round();
        if (executors.Count > 1 && world.Dice.Next(3) == 0)
            world.After(world.Between(500, 9000), () => Pause(executors[0], world.Between(14_000, 25_000))); // long enough to be taken for dead
    }

    void Round()
    {
        const double perSecond = 0.25;
        if (faults.Healed)
            return;
        world.After(TimeSpan.FromSeconds(perSecond), Round);
        foreach (var process in processes)
        {
            if (faults.Hits(faults.CrashesPerSecond * perSecond / processes.Count * 3))
                process.Stop("is killed");
            if (faults.Hits(faults.PausesPerSecond * perSecond))
                Pause(process, world.Dice.Next(2) == 0 ? world.Between(100, 3000) : world.Between(3000, 25_000));
            if (faults.Hits(faults.JumpsPerSecond * perSecond))
                process.ClockError += world.Between(0, 1000);
        }

        if (faults.Hits(faults.JumpsPerSecond * perSecond))
        {
            // All machines were asleep, or the time server has spoken to all.
            var jump = world.Between(1000, 30_000);
            foreach (var process in processes)
                process.ClockError += jump;
        }

        foreach (var executor in executors)
            if (faults.Hits(faults.MutesPerSecond * perSecond))
                faults.Mute(executor, world.Between(8_000, 25_000));
        foreach (var worker in workers)
            if (faults.Hits(faults.CutsPerSecond * perSecond))
                if (world.Dice.Next(4) == 0)
                    worker.Drain();
                else
                    worker.Link?.Break();
        if (faults.Hits(faults.OutagesPerSecond * perSecond))
            faults.StoresAwayUntil = world.Now + world.Between(500, 8000);
    }

    void Pause(SimulatedProcess process, TimeSpan length)
    {
        process.Pause(length);
        if (length <= ThreeHeartbeats)
            return;
        var lines = workers.Where(x => x.Link is not null && (x == process || x.Link.Executor == process)).Select(x => x.Link!).ToArray();
        world.After(ThreeHeartbeats, () =>
        {
            foreach (var line in lines)
                line.Break();
        });
    }
}
