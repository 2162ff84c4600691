using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Tests.Events;
using ReactorJobs.Tests.Executor;
using ReactorJobs.Tests.Simulation.Buses;
using ReactorJobs.Tests.Simulation.Checking;
using ReactorJobs.Tests.Simulation.Clients;
using ReactorJobs.Tests.Simulation.Faults;
using ReactorJobs.Tests.Simulation.Processes;
using ReactorJobs.Tests.Simulation.RunStore;
using ReactorJobs.Tests.Simulation.Workers;

namespace ReactorJobs.Tests.Simulation.Worlds;

/// <summary>What came out of a seed.</summary>
public sealed record Outcome(int Seed, string? Broken, int Steps, int Runs, ulong Hash, string Tail);

/// <summary>One world: made from its seed, run through its faults, healed, drained, and looked over.</summary>
public sealed class Simulation
{
    static readonly string[] Orgs = ["acme", "beta"];
    static readonly string[] Topics = ["t0", "t1"];
    static readonly TimeSpan MostToDrain = TimeSpan.FromMinutes(10);

    /// <summary>Pauses that began before the world healed, and what follows from them, are over after this.</summary>
    static readonly TimeSpan LastEcho = TimeSpan.FromSeconds(60);

    readonly World world;
    readonly FaultPlan faults;
    readonly SimulatedBus bus;
    readonly InMemoryRunStore runs;
    readonly InMemoryAttemptStore attempts = new();
    readonly InMemoryEventStore events = new();
    readonly Checker checker;
    readonly SchedulerProcess scheduler;
    readonly List<ExecutorProcess> executors = [];
    readonly List<Worker> workers = [];
    readonly List<SimulatedProcess> processes = [];
    readonly List<Client> clients = [];
    readonly Dictionary<string, HandlerScript> scripts = [];
    readonly List<Subscription> subscriptions = [];

    Simulation(int seed, bool traced)
    {
        world = new(seed, traced);
        faults = new(world);
        bus = new(world, faults);
        runs = new(new WorldTime(world));
        checker = new(world, runs, attempts);
        scheduler = new(world, faults, bus, runs, checker);
        processes.Add(scheduler);
        processes.Add(new EventsProcess(world, faults, bus, events));
        foreach (var name in world.Dice.Next(3) == 0 ? ["exec-1"] : new[] { "exec-1", "exec-2" })
            executors.Add(new(world, faults, name, bus, attempts, checker) { ClockError = world.Between(-300, 300) });
        processes.AddRange(executors);

        scripts["a"] = HandlerScript.Random(world.Dice, Topics);
        scripts["b"] = HandlerScript.Random(world.Dice, Topics);
        scripts["e"] = HandlerScript.Random(world.Dice, []);
        scripts["long"] = HandlerScript.Long;
        foreach (var org in Orgs)
        {
            foreach (var handler in scripts.Keys)
                runs.Register(NewJob(org, handler));
            for (var count = world.Dice.Next(1, 3); count > 0; count--)
                workers.Add(new(world, faults, $"{org}-worker-{count}", org, world.Dice.Next(1, 4), scripts, executors, checker));
            foreach (var topic in Topics)
                if (world.Dice.Next(2) == 0)
                    subscriptions.Add(new(org, "trg_" + topic, topic, "job-e", World.Start));
        }

        foreach (var subscription in subscriptions)
            Synchronous.Run(events.Subscribe(subscription, default));
        processes.AddRange(workers);
        AddClients();
    }

    Job NewJob(string org, string handler) => new()
    {
        OrgId = org,
        Name = "job-" + handler,
        Handler = handler,
        Retry = new RetryPolicy(world.Dice.Next(1, 5), RetryPolicy.Exponential, world.Dice.Next(100, 2000), 5000, 2, world.Dice.Next(2) * 0.5),
        TimeoutMs = world.Dice.Next(6) == 0 ? 12_000 : 600_000,
        MaxConcurrency = world.Dice.Next(1, 5),
        RetentionDays = 30,
    };

    void AddClients()
    {
        var count = world.Dice.Next(3, 8);
        for (var i = 0; i < count; i++)
        {
            var wish = new Wish(
                new(world.Dice.Next(3) == 0 ? Orgs[1] : Orgs[0], world.Dice.Next(2) == 0 ? "job-a" : "job-b"), i, world.Dice.Next(3) == 0 ? null : "key-" + i,
                world.Dice.Next(5) == 0 ? world.Between(1, 8000) : null, (short)world.Dice.Next(-1, 2),
                world.Dice.Next(4) == 0 ? world.Between(1, 8000) : null, world.Dice.Next(3) == 0);
            Add(wish);
            if (wish.Key is not null && world.Dice.Next(4) == 0)
                Add(wish); // a second caller with the same key
        }

        void Add(Wish wish)
        {
            var client = new Client(world, faults, scheduler, runs, checker, wish);
            clients.Add(client);
            world.After(world.Between(0, 10_000), client.Begin);
        }
    }

    /// <summary>When everything works again, an attempt may take its time.</summary>
    void AddLateClient()
    {
        var client = new Client(world, faults, scheduler, runs, checker, new(new(Orgs[0], Checker.LateJob), clients.Count, "late", null, 0, null, false));
        clients.Add(client);
        world.After(LastEcho, client.Begin);
    }

    public static Outcome Run(int seed, bool traced = false)
    {
        var simulation = new Simulation(seed, traced);
        simulation.Live();
        return new(seed, simulation.checker.Broken, simulation.world.Steps, simulation.runs.Runs.Count, simulation.world.Trace?.Hash ?? 0, simulation.world.Trace?.Tail(200) ?? "");
    }

    /// <summary>Only whether it holds, for assemblies that share no types with the caller.</summary>
    public static string? Probe(int seed)
    {
        try
        {
            return Run(seed).Broken;
        }
        catch (Exception exception)
        {
            return exception.GetType().Name + ": " + exception.Message;
        }
    }

    void Live()
    {
        foreach (var process in processes)
            process.Start();
        var healing = World.Start + world.Between(12_000, 35_000);
        new Torment(world, faults, processes, executors, workers).Begin();
        while (checker.Broken is null && world.Step(healing))
        {
        }

        faults.Heal();
        if (world.Dice.Next(8) == 0)
            AddLateClient();
        world.Say($"the world heals");
        var left = "";
        for (var until = healing; until < healing + MostToDrain;)
        {
            until += TimeSpan.FromSeconds(1);
            while (checker.Broken is null && world.Step(until))
            {
            }

            if (checker.Broken is not null)
                return;
            if ((left = Left()).Length > 0)
                continue;
            Final.Check(checker, runs, attempts, events, subscriptions, scripts);
            return;
        }

        checker.Fail($"not drained: {left}");
    }

    /// <summary>What is not finished yet; empty when all is.</summary>
    string Left()
    {
        if (clients.Count(x => !x.IsDone) is var busy and > 0)
            return $"{busy} clients";
        if (runs.Runs.Values.FirstOrDefault(x => !x.IsFinal) is { } open)
            return $"{open.Id} is {open.Status}/{open.Epoch}";
        if (attempts.Leases.Count > 0)
            return $"a lease of {attempts.Leases.Keys.First().Run}";
        if (runs.Timers.Count > 0)
            return $"a timer of {runs.Timers.First().RunId}";
        if (runs.Outbox + attempts.Outbox.Count > 0 || Synchronous.Run(events.Unconfirmed(DateTimeOffset.MaxValue, default, 1, default)).Count > 0)
            return $"outbox rows: {runs.Outbox}, {attempts.Outbox.Count}";
        if (runs.Loads.FirstOrDefault(x => x.Key.Name.Length > 0 && x.Value != default) is { Key.OrgId: not null } load)
            return $"counters of {load.Key}";
        if (events.Events.Count < checker.Emitted.Count)
            return "events on their way";
        if (events.Deliveries.FirstOrDefault(x => !runs.Runs.ContainsKey(new(x.OrgId, x.RunId))) is { } delivery)
            return $"the start of {delivery.RunId}";
        if (checker.Scheduled.FirstOrDefault(x => !runs.Runs.ContainsKey(x)) is { OrgId: not null } scheduled)
            return $"the start of {scheduled.Id}, which is scheduled";
        if (executors.FirstOrDefault(x => x.Live > 0) is { } executor)
            return $"{executor.Live} attempts in {executor.Name}";
        if (scheduler.Life is null)
            return "the scheduler";
        foreach (var org in Orgs)
            foreach (var handler in scripts.Keys)
                if (scheduler.Capacity.Free(org, handler) is var free && free != 2 * workers.Where(x => x.OrgId == org).Sum(x => x.Slots))
                    return $"{free} places for {handler} of {org}";
        return scheduler.Backlog.Jobs > 0 ? "a backlog" : "";
    }

    sealed class WorldTime(World world) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => world.Now;
    }
}
