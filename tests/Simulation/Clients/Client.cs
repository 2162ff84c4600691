using System.Globalization;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Tests.Simulation.Checking;
using ReactorJobs.Tests.Simulation.Faults;
using ReactorJobs.Tests.Simulation.Processes;
using ReactorJobs.Tests.Simulation.RunStore;
using ReactorJobs.Tests.Simulation.Worlds;

namespace ReactorJobs.Tests.Simulation.Clients;

/// <summary>What one caller wants: a run, perhaps later, perhaps under a key, perhaps cancelled or retried afterwards.</summary>
public sealed record Wish(JobKey Job, int Number, string? Key, TimeSpan? Delay, short Priority, TimeSpan? CancelAfter, bool Retry);

/// <summary>
/// A caller over HTTP. With an idempotency key it asks again until it knows; without one it gives up when it does not hear.
/// </summary>
public sealed class Client(World world, FaultPlan faults, SchedulerProcess scheduler, InMemoryRunStore runs, Checker checker, Wish wish)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public bool IsDone { get; private set; }

    RawJson Payload => RawJson.Trusted(string.Create(CultureInfo.InvariantCulture, $"{{\"org\":\"{wish.Job.OrgId}\",\"wish\":{wish.Number}}}"));

    public void Begin()
    {
        var id = new RunId(Ulid.Create(world.Now, Bytes()));
        var key = new RunKey(wish.Job.OrgId, id);
        Ask(() => new AcceptItem(wish.Job, key, job => new AcceptRun(wish.Job.OrgId, id, job, Payload, RunTrigger.Manual)
        {
            RunAt = wish.Delay is { } delay ? world.Now + delay : null,
            Priority = wish.Priority,
        }, wish.Key, wish.Key is null ? null : [1], mayWait: wish.Delay is not null), Accepted, wish.Key is null ? End : Begin);
    }

    void Accepted(AcceptItem item)
    {
        switch (item.Result)
        {
            case Acceptance.ConcurrencyExceeded:
                world.After(world.Between(500, 1500), Begin);
                return;
            case not (Acceptance.Accepted or Acceptance.Existing):
                checker.Fail($"a trigger was answered with {item.Result}");
                return;
        }

        var run = new RunKey(wish.Job.OrgId, item.Answer);
        checker.RunAccepted(run, item.Idempotency);
        if (wish.CancelAfter is { } after)
            world.After(after, () => Cancel(run));
        else if (wish.Retry)
            world.After(world.Between(1000, 5000), () => Retry(run));
        else
            End();
    }

    void Cancel(RunKey run)
    {
        // The other org's attempt comes first, and finds nothing.
        var stranger = new JobKey(wish.Job.OrgId + "x", wish.Job.Name);
        Ask(() => new LocalItem<CancelRun>(stranger, new(stranger.OrgId, run.Id), new(stranger.OrgId, run.Id, stranger.Name), machine => machine.Cancel, mayFreeSlot: true),
            item => checker.CancelAnswered(new(stranger.OrgId, run.Id), item.Before, item.After), () => { });
        checker.CancelsTried.Add(run);
        Ask(() => new LocalItem<CancelRun>(wish.Job, run, new(run.OrgId, run.Id, wish.Job.Name), machine => machine.Cancel, mayFreeSlot: true), item =>
        {
            checker.CancelAnswered(run, item.Before, item.After);
            End();
        }, () => Cancel(run));
    }

    /// <summary>A run that failed is retried from where it failed; one that did not is left.</summary>
    void Retry(RunKey run)
    {
        var known = runs.Runs[run];
        if (!known.IsFinal)
            world.After(world.Between(1000, 5000), () => Retry(run));
        else if (known.Status != RunStatus.Failed)
            End();
        else
            Again(known, new(Ulid.Create(world.Now, Bytes())));
    }

    void Again(Run failed, RunId id) => Ask(
        () => new AcceptItem(wish.Job, new(wish.Job.OrgId, id), job => new AcceptRun(wish.Job.OrgId, id, job, failed.Payload, failed.Trigger)
        {
            RetryOf = failed.Id,
            SharesCheckpoints = true,
        }), item =>
        {
            checker.RunAccepted(new(wish.Job.OrgId, item.Answer), null);
            End();
        }, () => Again(failed, id));

    void End() => IsDone = true;

    byte[] Bytes()
    {
        var bytes = new byte[10];
        world.Dice.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A call: its answer may get lost on the way, and then nobody knows what became of it.</summary>
    void Ask<T>(Func<T> make, Action<T> heard, Action unknown) where T : RunItem => world.After(world.Between(0.5, 3), () =>
    {
        var item = make();
        var over = false;
        var reached = scheduler.Call(item, failure =>
        {
            if (!faults.LoseMessage)
                world.After(world.Between(0.5, 3), () => Answer(failure));
        });
        if (reached)
            world.After(Patience, () => Answer(new TimeoutException("no answer")));
        else
            world.After(world.Between(100, 1000), () => Answer(new IOException("refused")));

        void Answer(Exception? failure)
        {
            if (over)
                return;
            over = true;
            if (failure is not null)
                unknown();
            else if (item.Done.Exception is { } fault)
                checker.Fail($"a call failed: {fault.InnerException!.Message}");
            else
                heard(item);
        }
    });
}
