using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Tests.Simulation.Checking;
using ReactorJobs.Tests.Simulation.Processes;
using ReactorJobs.Tests.Simulation.Worlds;
using RunKey = ReactorJobs.Executor.Attempts.RunKey;

namespace ReactorJobs.Tests.Simulation.Workers;

/// <summary>One attempt in a worker, as the SDKs run it: what is journaled is taken from there, the rest is done and journaled.</summary>
public sealed class HandlerRun(Worker worker, Life life, HandlerScript script, ToWorker.Run frame)
{
    readonly Dictionary<string, KnownEntry> journal = new(frame.Entries);
    readonly HashSet<string> inWork = [];
    readonly Dictionary<long, (string? Key, RawJson Output, Func<long, ToExecutor> Frame)> sent = [];
    bool over;

    ExecuteRun Command => frame.Attempt.Command;
    RunKey Key => RunKey.Of(Command);
    World World => worker.World;

    public (RunId, int) Id => (Command.RunId, Command.Epoch);

    public void Begin(bool release)
    {
        World.Say($"{worker.Name} runs {Command.RunId}/{Command.Epoch} with {string.Join(' ', journal.Keys)}");
        if (release)
            Send(null, default, id => new ToExecutor.End(id, Command.RunId, Command.Epoch, Ending.Released));
        else
            Continue();
    }

    public void Stop() => over = true;

    /// <summary>Goes as far as the journal reaches, and starts what comes next.</summary>
    void Continue()
    {
        foreach (var part in script.Parts)
        {
            var waits = new List<string>();
            var pending = false;
            foreach (var statement in part)
                if (!journal.TryGetValue(statement.Key, out var entry))
                {
                    pending = true;
                    if (inWork.Add(statement.Key))
                        Do(statement);
                }
                else if (entry.DueAt is not null && !entry.Done)
                    waits.Add(statement.Key);

            if (over || pending)
                return;
            if (waits.Count > 0)
            {
                End(new(AttemptOutcomes.Suspended, WaitKeys: waits));
                return;
            }
        }

        End(new(AttemptOutcomes.Completed, RawJson.From(script.All.OfType<Statement.Step>().ToDictionary(x => x.Name, x => journal[x.Key].Output))));
    }

    void Do(Statement statement)
    {
        switch (statement)
        {
            case Statement.Sleep sleep:
                Journal(new(sleep.Key, default, SleepMs: sleep.Ms));
                break;
            case Statement.Emit emit:
                Journal(new(emit.Key, default, Events: [new(emit.Topic, worker.Checker.NewEvent(Key, emit.Key, Command.Epoch))]));
                break;
            case Statement.Step step:
                worker.Checker.StepStarted(Key, step.Key, Command.Epoch);
                World.Say($"{worker.Name} starts {step.Key} of {Command.RunId}/{Command.Epoch}");
                life.After(step.Ms is { } ms ? TimeSpan.FromMilliseconds(ms) : World.Dice.Next(4) == 0 ? World.Between(100, 9_000) : World.Between(1, 100), () => StepEnded(step));
                break;
        }
    }

    void StepEnded(Statement.Step step)
    {
        if (over || !worker.IsRunning(this))
            return;
        if (Command.Attempt < step.FailsBefore)
        {
            End(new(AttemptOutcomes.Failed, Error: new("Error", "planned", Step: step.Name), Fatal: step.Fatal, RetryAfterMs: World.Dice.Next(3) == 0 ? 700 : null));
            return;
        }

        Journal(new(step.Key, worker.Checker.NewOutput(Key, step.Key, Command.Epoch),
            Events: step.Topic is null ? null : [new(step.Topic, worker.Checker.NewEvent(Key, step.Key, Command.Epoch))])
        {
            Schedules = step.SchedulesAfter is not { } delay ? null
                : [new(AttemptMessages.ScheduledRunOf(Command.RunId, step.Key, 0), Checker.ScheduledJob, worker.Checker.NewEvent(Key, step.Key + "/run", Command.Epoch), null, delay)],
        });
    }

    void Journal(CheckpointWrite write) => Send(write.Key, write.Output, id => new ToExecutor.Checkpoint(id, Command.RunId, Command.Epoch, write));

    void End(Ending ending)
    {
        if (over)
            return;
        over = true;
        World.Say($"{worker.Name} ends {Command.RunId}/{Command.Epoch}: {ending.Outcome}");
        Send(null, default, id => new ToExecutor.End(id, Command.RunId, Command.Epoch, ending));
    }

    void Send(string? key, RawJson output, Func<long, ToExecutor> make)
    {
        sent[worker.NextFrame] = (key, output, make);
        worker.Ask(this, make);
    }

    public void Hear(ToWorker.Answer answer)
    {
        if (!sent.Remove(answer.Id, out var frame))
            return;
        var verdict = answer.Verdict;
        if (answer.Unavailable)
        {
            life.After(World.Between(100, 500), () =>
            {
                if (worker.IsRunning(this))
                    Send(frame.Key, frame.Output, frame.Frame);
            });
            return;
        }

        if (frame.Key is null || verdict.Code == RefuseCodes.Superseded)
        {
            worker.Checker.Answered(Key, Command.Epoch, verdict);
            over = true;
            worker.Done(this);
            return;
        }

        if (!verdict.IsAck)
        {
            worker.Checker.Refused(Key, frame.Key, Command.Epoch, verdict);
            over = false;
            End(new(AttemptOutcomes.Failed, Error: new("Error", verdict.Code!), Fatal: true));
            return;
        }

        worker.Checker.Acknowledged(Key, frame.Key, frame.Output);
        journal[frame.Key] = new(frame.Output, verdict.Due, false);
        if (!over)
            Continue();
    }
}
