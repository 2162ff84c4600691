using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Reconciling;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Timers;
using ReactorJobs.Tests.Simulation.Buses;
using ReactorJobs.Tests.Simulation.Checking;
using ReactorJobs.Tests.Simulation.Faults;
using ReactorJobs.Tests.Simulation.RunStore;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Processes;

/// <summary>The scheduler's own parts, put together as its module does, with the loops as events of the world.</summary>
public sealed class SchedulerProcess(World world, FaultPlan faults, SimulatedBus bus, InMemoryRunStore runs, Checker checker) : SimulatedProcess(world, faults, "scheduler")
{
    static readonly RunStateMachine Machine = new();

    GroupPump<RunItem> pump = null!;
    Outbox outbox = null!;

    public Capacity Capacity { get; private set; } = null!;
    public Backlog Backlog { get; private set; } = null!;
    public int OutboxUnderWay => outbox.UnderWay;

    protected override void Boot(Life life)
    {
        var time = new SimulatedTime(life);
        var options = new SchedulerOptions();
        var store = new FaultyRunStore(runs, life);
        var dice = new Random(World.Dice.Next());
        outbox = new Outbox(message => bus.Publish(life, message), NullLogger.Instance);
        Capacity = new();
        Backlog = new();
        var wheel = new TimerWheel(store, options, time, Fire);
        var group = new RunGroup(
            store, Machine, new(Capacity, options, time), Capacity, Backlog, outbox, message => bus.Publish(life, message), options,
            new IdSource(time, dice.NextBytes), dice, time, Shards.Of, committed => wheel.Add(committed.TimersSet));
        pump = new(life, 20, group.Process);
        var hearing = new BusHearing(time);
        hearing.Heard();
        life.Every(BusHearing.SpeakEvery, hearing.Heard);
        var reconciler = new Reconciler(store, Capacity, Backlog, outbox, hearing, options, time, pump.Post);

        bus.Consume(life, Queues.Attempts, (message, acknowledge) => Take(message, acknowledge));
        bus.Consume(life, Queues.Starts, (message, acknowledge) => Take((StartRun)message, life, acknowledge));
        bus.Listen(life, advertised => Round(() => reconciler.Hear(advertised)));
        Every(life, TimerWheel.ReadEvery, () => Round(wheel.Read));
        Every(life, options.SweepEvery, () => Round(reconciler.Sweep));
        life.Every(TimeSpan.FromMilliseconds(400), reconciler.Flush);
        life.Every(TimeSpan.FromMilliseconds(100), wheel.FireDue);
    }

    static void Every(Life life, TimeSpan period, Action round)
    {
        life.After(life.World.Between(0, 20), round);
        life.Every(period, round);
    }

    /// <summary>The next round does what a failed one could not.</summary>
    void Round(Func<Task> round)
    {
        try
        {
            Synchronous.Run(round());
        }
        catch (IOException)
        {
            World.Say($"a round of the scheduler failed");
        }
    }

    /// <summary>Takes a call of a client; the answer is whether it is known to be committed.</summary>
    public bool Call(RunItem item, Action<Exception?> answer)
    {
        if (Life is null || PausedUntil > World.Now)
            return false;
        pump.Post(item, answer);
        return true;
    }

    void Take(object message, Action acknowledge)
    {
        if (message is AttemptFinished finished)
            Take(new LocalItem<AttemptFinished>(
                new(finished.OrgId, finished.Job), new(finished.OrgId, finished.RunId), finished, machine => machine.Finished, mayFreeSlot: true), finished.Epoch, acknowledge);
        else if (message is AttemptSuspended suspended)
            Take(new LocalItem<AttemptSuspended>(
                new(suspended.OrgId, suspended.Job), new(suspended.OrgId, suspended.RunId), suspended, machine => machine.Suspended, mayFreeSlot: true), suspended.Epoch, acknowledge);
    }

    /// <summary>A failed outcome is dropped, which is worse than the endpoint does: the run's dispatch is sent again, and brings it again.</summary>
    void Take<T>(LocalItem<T> item, int epoch, Action acknowledge) where T : class => pump.Post(item, failure =>
    {
        acknowledge();
        if (failure is null)
            checker.OutcomeTaken(item.Run, epoch, item.Before, item.After);
    });

    /// <summary>Held until all of it is stored: nothing else knows of these runs any more.</summary>
    void Take(StartRun message, Life life, Action acknowledge)
    {
        var left = message.Starts.Count;
        foreach (var start in message.Starts)
            One(start);

        void One(RunStart start) => pump.Post(
            new AcceptItem(new(start.OrgId, start.Job), new(start.OrgId, start.RunId), job => new AcceptRun(start.OrgId, start.RunId, job, start.Payload, start.Trigger) { RunAt = start.RunAt }),
            failure =>
            {
                if (failure is not null)
                    life.After(TimeSpan.FromSeconds(1), () => One(start));
                else if (--left == 0)
                    acknowledge();
            });
    }

    void Fire(RunTimer timer)
    {
        var item = new LocalItem<TimerDue>(
            new(timer.OrgId, timer.Job), new(timer.OrgId, timer.RunId), new(timer.OrgId, timer.RunId, timer.Epoch, timer.DueAt), machine => machine.Due);
        pump.Post(item, failure =>
        {
            if (failure is null)
                checker.TimerTaken(timer, item.Before, item.After);
        });
    }
}
