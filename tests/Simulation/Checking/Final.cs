using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Tests.Events;
using ReactorJobs.Tests.Executor;
using ReactorJobs.Tests.Simulation.RunStore;
using ReactorJobs.Tests.Simulation.Workers;

namespace ReactorJobs.Tests.Simulation.Checking;

/// <summary>Looks over a world that has come to rest: every run as its script says, every event once, nothing else.</summary>
static class Final
{
    public static void Check(
        Checker checker, InMemoryRunStore runs, InMemoryAttemptStore attempts, InMemoryEventStore events, IReadOnlyList<Subscription> subscriptions,
        IReadOnlyDictionary<string, HandlerScript> scripts)
    {
        foreach (var (key, run) in runs.Runs)
        {
            Status(checker, runs, key, run, scripts);
            if (run.Status == RunStatus.Completed)
                Result(checker, attempts, run, scripts[run.Handler]);
            if (runs.DeadLetters.Count(x => x.OrgId == run.OrgId && x.RunId == run.Id) != (run.Status == RunStatus.Failed ? 1 : 0))
                checker.Fail($"{run.Id} is {run.Status} and has the wrong number of dead letters");
        }

        foreach (var run in checker.Accepted)
            if (!runs.Runs.ContainsKey(run))
                checker.Fail($"{run.Id} was accepted and is gone");
        foreach (var (key, run) in checker.Keys)
        {
            var payload = runs.Runs[new(key.OrgId, run)].Payload;
            if (runs.Runs.Values.Count(x => x.OrgId == key.OrgId && x.RetryOf is null && x.Payload == payload) != 1)
                checker.Fail($"the key {key.Key} made several runs");
        }

        Events(checker, runs, events, subscriptions);
        Schedules(checker, runs);
    }

    static void Schedules(Checker checker, InMemoryRunStore runs)
    {
        foreach (var key in checker.Scheduled)
            if (runs.Runs[key] is var run && (run.Trigger.Kind != TriggerKinds.Schedule || run.StartedAt < run.RunAt))
                checker.Fail($"{run.Id} was scheduled for {run.RunAt:O}, and started at {run.StartedAt:O} by {run.Trigger.Kind}");
        if (runs.Runs.Values.Count(x => x.Trigger.Kind == TriggerKinds.Schedule) is var started && started != checker.Scheduled.Count)
            checker.Fail($"{checker.Scheduled.Count} runs are scheduled, and {started} are there");
    }

    static void Status(Checker checker, InMemoryRunStore runs, Scheduler.Committing.RunKey key, Run run, IReadOnlyDictionary<string, HandlerScript> scripts)
    {
        var job = runs.Jobs[run.JobKey];
        var planned = scripts[run.Handler].Fails(job.Retry.MaxAttempts) ? RunStatus.Failed : RunStatus.Completed;
        var mayTimeOut = job.TimeoutMs < 60_000;
        if (checker.Cancelled.Contains(key) != (run.Status == RunStatus.Cancelled))
            checker.Fail($"{run.Id} ended {run.Status}, and its cancel was {(checker.Cancelled.Contains(key) ? "" : "not ")}accepted");
        else if (run.Status != planned && run.Status != RunStatus.Cancelled && !mayTimeOut)
            checker.Fail($"{run.Id} ended {run.Status} instead of {planned}: {run.Error}");
    }

    static void Result(Checker checker, InMemoryAttemptStore attempts, Run run, HandlerScript script)
    {
        var outputs = attempts.JournalOf(new(run.OrgId, run.Id)).ToDictionary(x => x.Key, x => x.Output);
        if (script.All.FirstOrDefault(x => !outputs.ContainsKey(x.Key)) is { } missing)
            checker.Fail($"{run.Id} completed without {missing.Key}");
        else if (run.Result != RawJson.From(script.All.OfType<Statement.Step>().ToDictionary(x => x.Name, x => outputs[x.Key])))
            checker.Fail($"{run.Id} completed with other outputs than those in its journal");
    }

    static void Events(Checker checker, InMemoryRunStore runs, InMemoryEventStore events, IReadOnlyList<Subscription> subscriptions)
    {
        var expected = 0;
        var stored = events.Events;
        foreach (var (org, topic, payload) in checker.Emitted)
        {
            if (stored.Count(x => x.Payload == payload) != 1 || stored.First(x => x.Payload == payload) is var one && (one.OrgId, one.Topic) != (org, topic))
                checker.Fail($"the event {payload} was stored {stored.Count(x => x.Payload == payload)} times");
            foreach (var subscription in subscriptions.Where(x => x.OrgId == org && x.Topic == topic))
            {
                expected++;
                var started = runs.Runs.Values.Count(x => x.OrgId == org && x.Job == subscription.Job && x.Trigger.Id == subscription.TriggerId && x.Payload == payload);
                if (started != 1)
                    checker.Fail($"the event {payload} started {started} runs of {subscription.TriggerId}");
            }
        }

        if (stored.Count != checker.Emitted.Count)
            checker.Fail($"{stored.Count} events are stored, and {checker.Emitted.Count} were emitted");
        if (runs.Runs.Values.Count(x => x.Trigger.Kind == TriggerKinds.Event) != expected)
            checker.Fail($"events started other than {expected} runs");
    }
}
