using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Recovery;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Tests.Executor;
using ReactorJobs.Tests.Simulation.Buses;
using ReactorJobs.Tests.Simulation.Checking;
using ReactorJobs.Tests.Simulation.Faults;
using ReactorJobs.Tests.Simulation.Workers;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Processes;

/// <summary>An executor: its engine, its dispatcher and its recovery, put together as its service does.</summary>
public sealed class ExecutorProcess(World world, FaultPlan faults, string name, SimulatedBus bus, InMemoryAttemptStore attempts, Checker checker)
    : SimulatedProcess(world, faults, name)
{
    Dispatcher dispatcher = null!;
    AttemptInbox inbox = null!;
    GroupPump<AttemptItem> pump = null!;

    public int Live => Life is null ? 0 : dispatcher.Live;

    protected override void Boot(Life life)
    {
        var time = new SimulatedTime(life);
        var dice = new Random(World.Dice.Next());
        var ids = new IdSource(time, dice.NextBytes);
        var instance = new ExecutorInstance(ids.Next(), Name);
        var store = new FaultyAttemptStore(attempts, life, checker.Committing);
        var outbox = new Outbox(message => bus.Publish(life, message), NullLogger.Instance);
        var journals = new KnownJournals();
        var engine = new AttemptEngine(store, outbox, journals, time, ids, instance.Id);
        pump = new(life, 20, engine.Process);
        inbox = new AttemptInbox(item => pump.Post(item), time);
        dispatcher = new Dispatcher(inbox, journals, time);
        IReadOnlyList<Guid> replaced;
        try
        {
            Synchronous.Run(store.Beat(instance, time.GetUtcNow(), default));
            Synchronous.Run(new AbandonedLeases(store, instance, item => AtOnce(engine, item), time).End(default));
            replaced = Synchronous.Run(store.Predecessors(instance, default));
        }
        catch (Exception exception) when (exception is IOException or StoreUnavailable)
        {
            throw life.Crash(); // a start that fails is made again
        }

        bus.Consume(life, Queues.Executor(instance.Id), (message, _) => Take(message));
        var told = false;
        dispatcher.PoolsChanged += () =>
        {
            if (!told)
                life.After(TimeSpan.FromMilliseconds(50), () => Advertise(life, instance, replaced, ref told));
            told = true;
        };
        life.Every(TimeSpan.FromSeconds(2), () => Advertise(life, instance, replaced, ref told));
        var sweeper = new OutboxSweeper(store, outbox, time);
        life.Every(OutboxSweeper.Every, () => Round(sweeper.Sweep));
        life.Every(TimeSpan.FromSeconds(5), () => Round(stop => store.Beat(instance, time.GetUtcNow(), stop)));
        life.Every(TimeSpan.FromMilliseconds(200), () =>
        {
            if (outbox.HasConfirmed)
                pump.Post(new FlushOutboxItem());
        });
    }

    void Advertise(Life life, ExecutorInstance instance, IReadOnlyList<Guid> replaced, ref bool told)
    {
        told = false;
        bus.Advertise(life, new(instance.Name, instance.Id, dispatcher.Pools(), false, (long)dispatcher.Uptime.TotalMilliseconds, replaced));
    }

    void Take(object message)
    {
        if (message is ExecuteRun run)
            dispatcher.Receive(run);
        else if (message is CancelAttempt cancel)
            dispatcher.Cancel(cancel);
    }

    /// <summary>Before the executor takes work, its groups are of one item, and there is nobody else to wait for.</summary>
    static void AtOnce(AttemptEngine engine, AttemptItem item)
    {
        try
        {
            Synchronous.Run(engine.Process([item]));
            item.Complete();
        }
        catch (IOException exception)
        {
            item.Fail(new StoreUnavailable("The database does not answer.", exception));
        }
    }

    void Round(Func<CancellationToken, Task> round)
    {
        try
        {
            Synchronous.Run(round(default));
        }
        catch (IOException)
        {
            World.Say($"a round of {Name} failed");
        }
    }

    /// <summary>A worker comes; null when nobody answers.</summary>
    public WorkerLink? Accept(Worker worker, Life workerLife)
    {
        if (Life is not { } life || PausedUntil > World.Now)
            return null;
        return new WorkerLink(worker, workerLife, life, dispatcher, inbox.Post);
    }
}
