using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Tests.Simulation.Processes;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Workers;

/// <summary>
/// A worker's connection, seen from the executor: what its service does with frames, over a line that keeps their order until it breaks.
/// The two ends learn of a break at different times.
/// </summary>
public sealed class WorkerLink : AttemptHost
{
    readonly Worker worker;
    readonly Life workerLife;
    readonly Life executorLife;
    readonly Dispatcher dispatcher;
    readonly Action<AttemptItem> post;
    DateTimeOffset lastToWorker;
    DateTimeOffset lastToExecutor;
    bool left;
    bool closed;

    public WorkerLink(Worker worker, Life workerLife, Life executorLife, Dispatcher dispatcher, Action<AttemptItem> post) : base(worker.Name, worker.Slots)
    {
        (this.worker, this.workerLife, this.executorLife, this.dispatcher, this.post) = (worker, workerLife, executorLife, dispatcher, post);
        executorLife.Ended += () => Break(executorDies: true);
        workerLife.Ended += () => Break();
        executorLife.After(World.Between(0.1, 2), () =>
        {
            if (!IsBroken)
                dispatcher.Join(this, worker.OrgId, worker.Handlers);
            else
                left = true;
        });
    }

    World World => worker.World;

    public bool IsBroken { get; private set; }

    public SimulatedProcess Executor => executorLife.Process;

    /// <summary>Cuts the line: each end notices at once, or when it has heard nothing for three heartbeats.</summary>
    public void Break(bool executorDies = false)
    {
        if (IsBroken)
            return;
        IsBroken = true;
        World.Say($"the line of {Name} to {executorLife.Process.Name} is cut");
        if (!executorDies)
            executorLife.After(Notice(), Leave);
        workerLife.After(Notice(), Close);
    }

    TimeSpan Notice() => World.Dice.Next(2) == 0 ? World.Between(0.1, 10) : World.Between(10, 15_000);

    void Leave()
    {
        if (left)
            return;
        left = true;
        dispatcher.Leave(this);
    }

    void Close()
    {
        if (closed)
            return;
        closed = true;
        worker.Closed(this);
    }

    public override void Start(LiveAttempt attempt) => Send(new ToWorker.Run(attempt));

    public override void Abort(LiveAttempt attempt, string reason) => Send(new ToWorker.Abort(attempt.Key.Run, attempt.Epoch, reason));

    void Send(ToWorker frame)
    {
        if (executorLife.IsOver || IsBroken)
            return;
        // The frame is written by another thread, soon after it is posted.
        if (frame is ToWorker.Run run)
            World.After(World.Between(0, 0.2), () => run.Write(new SimulatedTime(executorLife)));
        lastToWorker = Next(lastToWorker);
        workerLife.After(lastToWorker - World.Now, () =>
        {
            if (!IsBroken && !closed)
                worker.Receive(this, frame);
        });
    }

    public void Send(ToExecutor frame)
    {
        if (workerLife.IsOver || IsBroken)
            return;
        lastToExecutor = Next(lastToExecutor);
        executorLife.After(lastToExecutor - World.Now, () =>
        {
            if (!left)
                Handle(frame);
        });
    }

    DateTimeOffset Next(DateTimeOffset last)
    {
        var next = World.Now + World.Between(0.3, 2);
        return next > last ? next : last;
    }

    void Handle(ToExecutor frame)
    {
        switch (frame)
        {
            case ToExecutor.Checkpoint checkpoint when dispatcher.Running(new(worker.OrgId, checkpoint.RunId), checkpoint.Epoch, this) is { } attempt:
                post(new CheckpointItem(attempt.Key, checkpoint.Epoch, checkpoint.Write, Answer) { FrameId = checkpoint.Id });
                break;
            case ToExecutor.End end when dispatcher.Running(new(worker.OrgId, end.RunId), end.Epoch, this) is { } attempt && dispatcher.End(attempt, end.Ending, end.Id, Answer):
                break;
            case ToExecutor.Checkpoint late:
                Send(new ToWorker.Answer(late.Id, Verdict.Superseded, false));
                break;
            case ToExecutor.End late:
                Send(new ToWorker.Answer(late.Id, Verdict.Superseded, false));
                break;
            case ToExecutor.Drain:
                dispatcher.Drain(this);
                break;
        }
    }

    void Answer(AttemptItem item, Exception? failure)
    {
        Send(new ToWorker.Answer(item.FrameId, failure is null ? item.Verdict : new(RefuseCodes.Invalid), failure is StoreUnavailable));
        if (failure is null && item.Verdict.Code == RefuseCodes.Superseded)
            dispatcher.Fenced(item.Key, item.Epoch);
    }
}
