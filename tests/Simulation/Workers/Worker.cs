using ReactorJobs.Contracts;
using ReactorJobs.Tests.Simulation.Checking;
using ReactorJobs.Tests.Simulation.Faults;
using ReactorJobs.Tests.Simulation.Processes;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Workers;

/// <summary>A process of handlers of one org, on one connection at a time.</summary>
public sealed class Worker(
    World world, FaultPlan faults, string name, string orgId, int slots, IReadOnlyDictionary<string, HandlerScript> scripts, IReadOnlyList<ExecutorProcess> executors,
    Checker checker) : SimulatedProcess(world, faults, name)
{
    readonly Dictionary<(RunId, int), HandlerRun> running = [];
    readonly Dictionary<long, HandlerRun> asked = [];
    WorkerLink? link;
    long frames;

    public string OrgId => orgId;
    public int Slots => slots;
    public IReadOnlyList<string> Handlers { get; } = [.. scripts.Keys.Order(StringComparer.Ordinal)];
    public Checker Checker => checker;
    public WorkerLink? Link => link;

    protected override void Boot(Life life)
    {
        running.Clear();
        asked.Clear();
        link = null;
        Connect(life);
    }

    void Connect(Life life)
    {
        link = World.Pick(executors).Accept(this, life);
        if (link is null)
            life.After(World.Between(200, 1500), () => Connect(life));
    }

    /// <summary>The connection is over: what ran on it is aborted, and a new one is made.</summary>
    public void Closed(WorkerLink gone)
    {
        if (link != gone || Life is not { } life)
            return;
        World.Say($"{Name} aborts {running.Count} attempts and reconnects");
        link = null;
        running.Clear();
        asked.Clear();
        life.After(World.Between(10, 1000), () => Connect(life));
    }

    public void Receive(WorkerLink from, ToWorker frame)
    {
        if (from != link || Life is not { } life)
            return;
        switch (frame)
        {
            case ToWorker.Run run:
                checker.Handed(orgId, run.Attempt.Command);
                var handler = new HandlerRun(this, life, scripts[run.Attempt.Command.Handler], run);
                running[handler.Id] = handler;
                handler.Begin(Faults.Hits(Faults.ReleasesPerAttempt));
                break;
            case ToWorker.Abort abort:
                if (running.Remove((abort.RunId, abort.Epoch), out var aborted))
                    aborted.Stop();
                break;
            case ToWorker.Answer answer:
                if (asked.Remove(answer.Id, out var waiting) && IsRunning(waiting))
                    waiting.Hear(answer);
                break;
        }
    }

    public bool IsRunning(HandlerRun run) => running.TryGetValue(run.Id, out var known) && known == run;

    public void Done(HandlerRun run) => running.Remove(run.Id);

    /// <summary>Sends a frame that will be answered to the handler.</summary>
    public void Ask(HandlerRun run, Func<long, ToExecutor> frame)
    {
        var id = ++frames;
        asked[id] = run;
        link?.Send(frame(id));
    }

    public long NextFrame => frames + 1;

    /// <summary>Takes no more, and exits after a while.</summary>
    public void Drain()
    {
        if (link is null || Life is not { } life)
            return;
        link.Send(new ToExecutor.Drain());
        life.After(World.Between(500, 8000), () => Stop("exits"));
    }
}
