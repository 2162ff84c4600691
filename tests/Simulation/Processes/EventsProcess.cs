using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Deliveries;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Tests.Events;
using ReactorJobs.Tests.Simulation.Buses;
using ReactorJobs.Tests.Simulation.Faults;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Processes;

/// <summary>The events service: its router and its outbox's upkeep.</summary>
public sealed class EventsProcess(World world, FaultPlan faults, SimulatedBus bus, InMemoryEventStore events) : SimulatedProcess(world, faults, "events")
{
    protected override void Boot(Life life)
    {
        var time = new SimulatedTime(life);
        var dice = new Random(World.Dice.Next());
        var store = new FaultyEventStore(events, life);
        var outbox = new Outbox(message => bus.Publish(life, message), NullLogger.Instance);
        var router = new EventRouter(store, outbox, new IdSource(time, dice.NextBytes), time, NullLogger<EventRouter>.Instance);
        var upkeep = new OutboxUpkeep(store, outbox, time);
        var pump = new GroupPump<EventArrival>(life, 10, router.Process);
        life.Every(OutboxUpkeep.FlushPeriod, () => Round(upkeep.Flush));
        life.Every(OutboxUpkeep.SweepPeriod, () => Round(upkeep.Sweep));

        bus.Consume(life, Queues.Events, (message, acknowledge) => Hold((EventEmitted)message, acknowledge));

        void Hold(EventEmitted emitted, Action acknowledge) => pump.Post(new EventArrival(emitted), failure =>
        {
            if (failure is null)
                acknowledge();
            else
                life.After(TimeSpan.FromSeconds(1), () => Hold(emitted, acknowledge));
        });
    }

    void Round(Func<CancellationToken, Task> round)
    {
        try
        {
            Synchronous.Run(round(default));
        }
        catch (IOException)
        {
            World.Say($"a round of the events service failed");
        }
    }
}
