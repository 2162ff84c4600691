using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Reconciling;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Timers;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>
/// The scheduler's core on a clock that stands still: each call is one group, committed when it returns. What leaves is kept instead of sent.
/// </summary>
sealed class RunBench
{
    public static readonly Guid Executor = new("00000000-0000-0000-0000-0000000000e1");

    readonly RunGroup group;
    readonly Capacity capacity = new();
    readonly IdSource ids;

    public BusHearing Hearing { get; }

    /// <param name="confirms">Whether the broker confirms what is published: the next group then deletes it.</param>
    public RunBench(IRunStore store, SchedulerOptions? options = null, bool confirms = true)
    {
        options ??= new();
        ids = new(Time, bytes => Array.Clear(bytes));
        Outbox = new(message => { Published.Add(Name(message)); return confirms ? Task.CompletedTask : new TaskCompletionSource().Task; }, NullLogger.Instance);
        var backlog = new Backlog();
        Hearing = new(Time);
        Hearing.Heard();
        Reconciler = new(store, capacity, backlog, Outbox, Hearing, options, Time, Posted.Add);
        group = new(
            store, new RunStateMachine(), new Dispatcher(capacity, options, Time), capacity, backlog, Outbox,
            message => { WokenUp.Add(Name(message)); Executes.Add(Read<ExecuteRun>(message)); return Task.CompletedTask; },
            options, ids, new FixedDice(), Time, Shards.Of, Committed.Add);
    }

    public ManualTime Time { get; } = new();

    public Outbox Outbox { get; }

    /// <summary>Messages that left through the outbox, by name.</summary>
    public List<string> Published { get; } = [];

    /// <summary>Messages that left without it.</summary>
    public List<string> WokenUp { get; } = [];

    public List<ExecuteRun> Executes { get; } = [];

    public Reconciler Reconciler { get; }

    /// <summary>What the reconciler has found to do.</summary>
    public List<RunItem> Posted { get; } = [];

    public List<RunsCommitted> Committed { get; } = [];

    /// <summary>An executor says that it serves the handler; the dispatcher uses twice the slots.</summary>
    public RunBench Serving(int slots = 10, string org = Given.Org, string handler = Given.Handler)
    {
        capacity.Advertise(new("executor", Executor, [new SlotPool(org, [handler], slots)]), Time.GetTimestamp(), out _);
        return this;
    }

    public int FreeSlots(string org = Given.Org) => capacity.Free(org, Given.Handler);

    public int Share(string org, string handler) => capacity.Share(org, handler);

    /// <summary>The executor is gone.</summary>
    public void Leaves() => capacity.Remove(Executor);

    public RunId NewId() => ids.NewRun();

    public AcceptItem Accepting(DateTimeOffset? runAt = null, string? key = null, bool mayWait = true, short priority = 0, RunId? id = null, string org = Given.Org, string job = Given.JobName)
    {
        var run = id ?? NewId();
        return new(
            new(org, job), new(org, run), found => new AcceptRun(org, run, found, RawJson.Trusted("{}"), RunTrigger.Manual) { RunAt = runAt, Priority = priority },
            key, key is null ? null : [1], mayWait);
    }

    public async Task<RunId> Accept(DateTimeOffset? runAt = null, string org = Given.Org, string? key = null)
    {
        var item = Accepting(runAt, key, org: org);
        await Commit(item);
        Assert.Equal(Acceptance.Accepted, item.Result);
        return item.Answer;
    }

    public Task<Run?> Finish(RunId run, int epoch, string outcome, bool fatal = false, string org = Given.Org, long? retryAfterMs = null, string job = Given.JobName) => Raise(
        run, machine => machine.Finished, new AttemptFinished(
            org, run, job, epoch, outcome, RawJson.Trusted("42"), outcome == AttemptOutcomes.Failed ? Given.Error : null, fatal, retryAfterMs, Time.GetUtcNow(), Time.GetUtcNow()), org, job: job);

    public Task<Run?> Suspend(RunId run, int epoch, DateTimeOffset due, string org = Given.Org) => Raise(
        run, machine => machine.Suspended,
        new AttemptSuspended(org, run, Given.JobName, epoch, [new(WaitCondition.Time, "sleep:a", due)], Time.GetUtcNow(), Time.GetUtcNow()), org);

    public Task<Run?> Due(RunId run, int epoch, DateTimeOffset due, string org = Given.Org, string job = Given.JobName) =>
        Raise(run, machine => machine.Due, new TimerDue(org, run, epoch, due), org, job: job);

    public Task<Run?> Lose(RunId run, int epoch) => Raise(run, machine => machine.Lost, new AttemptLost(Given.Org, run, epoch));

    public Task<Run?> Resend(RunId run, int epoch) => Raise(run, machine => machine.Resend, new ResendRun(Given.Org, run, epoch));

    public Task<Run?> Cancel(RunId run, bool mayCreate = false, string org = Given.Org) => Raise(run, machine => machine.Cancel, new CancelRun(org, run, Given.JobName), org, mayCreate);

    public async Task<Run?> Raise<T>(RunId run, Func<RunStateMachine, Event<T>> @event, T message, string org = Given.Org, bool mayCreate = false, string job = Given.JobName) where T : class
    {
        var item = new LocalItem<T>(new(org, job), new(org, run), message, @event, mayCreate, mayFreeSlot: true);
        await Commit(item);
        return item.After;
    }

    /// <summary>One group; an item that failed alone throws after the others are committed.</summary>
    public async Task Commit(params RunItem[] items)
    {
        await group.Process(items);
        foreach (var item in items)
            item.Complete();
        await Task.WhenAll(items.Select(item => item.Done));
    }

    static string Name(OutboxMessage message)
    {
        using var envelope = JsonDocument.Parse(message.Body);
        return envelope.RootElement.GetProperty("messageType")[0].GetString()!.Split(':')[^1];
    }

    static T Read<T>(OutboxMessage message)
    {
        using var envelope = JsonDocument.Parse(message.Body);
        return envelope.RootElement.GetProperty("message").Deserialize<T>(JsonSerializerOptions.Web)!;
    }
}
