using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Timers;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>As much of a store as a test of the state machine needs: dictionaries, one group at a time, no locks.</summary>
sealed class MemoryRunStore : IRunStore
{
    public Dictionary<JobKey, JobLoad> Loads { get; } = [];
    public Dictionary<RunKey, Run> Runs { get; } = [];
    public Dictionary<IdempotencyKey, IdempotencyRecord> Idempotency { get; } = [];
    public Dictionary<RunKey, RunTimer> Timers { get; } = [];
    public Dictionary<OutboxKey, OutboxMessage> Outbox { get; } = [];
    public List<DeadLetter> DeadLetters { get; } = [];

    /// <summary>What the next commit throws instead of happening.</summary>
    public Exception? FailCommit { get; set; }

    /// <summary>What the next commit throws, after it has happened.</summary>
    public Exception? FailAfterCommit { get; set; }

    public void Register(Job job) => Loads[job.Key] = new(job, 0, 0);

    /// <summary>Groups that read first, and groups that did not.</summary>
    public (int Read, int Assumed) Groups { get; private set; }

    /// <summary>What the next commit of assumed rows is refused for.</summary>
    public StaleRead? Stale { get; set; }

    public Task<IRunTransaction> Open(RunKeys keys)
    {
        Groups = (Groups.Read + 1, Groups.Assumed);
        return Task.FromResult<IRunTransaction>(new Transaction(this, keys));
    }

    public IRunTransaction Assume(RunKeys keys, KnownRows known)
    {
        Groups = (Groups.Read, Groups.Assumed + 1);
        return new Transaction(this, keys, Stale);
    }

    public Task<IReadOnlyList<RunTimer>> ReadTimers(IReadOnlyCollection<short> shards, DateTimeOffset before, int most) =>
        Task.FromResult<IReadOnlyList<RunTimer>>([.. Timers.Values.Where(x => shards.Contains(x.Shard) && x.DueAt < before).OrderBy(x => x.DueAt).Take(most)]);

    public Task<IReadOnlyList<StalledRun>> ReadDispatched(DateTimeOffset before, int most) => Task.FromResult<IReadOnlyList<StalledRun>>(
        [.. Runs.Values.Where(x => x.IsRunning && x.DispatchedAt < before).Take(most).Select(x => new StalledRun(x.OrgId, x.Id, x.Job, x.Epoch, x.Executor!.Value, x.Handler, x.DispatchedAt!.Value))]);

    public Task<IReadOnlyList<WaitingJob>> ReadWaitingJobs() => Task.FromResult<IReadOnlyList<WaitingJob>>(
        [.. Loads.Where(x => x.Value is { Waiting: > 0, Job.Paused: false }).Select(x => new WaitingJob(x.Key, x.Value.Job!.Handler, x.Value.Waiting) { Running = x.Value.Running, Room = x.Value.Job!.MaxConcurrency - x.Value.Running })]);

    public Task<IReadOnlyList<OutboxMessage>> ReadOutbox(DateTimeOffset before, int most) => Task.FromResult<IReadOnlyList<OutboxMessage>>([.. Outbox.Values.Take(most)]);

    public Task<ShardLease> LeaseShards(string owner, DateTimeOffset now, DateTimeOffset until) =>
        Task.FromResult(new ShardLease([.. Enumerable.Range(0, 64).Select(x => (short)x)], 1));

    public Task LeaveShards(string owner) => Task.CompletedTask;

    sealed class Transaction(MemoryRunStore store, RunKeys keys, StaleRead? stale = null) : IRunTransaction
    {
        public IReadOnlyDictionary<JobKey, JobLoad> Loads { get; } =
            keys.Jobs.Where(store.Loads.ContainsKey).ToDictionary(x => x, x => new JobLoad(store.Loads[x].Job, store.Loads[x].Due, store.Loads[x].Running));

        public IReadOnlyDictionary<RunKey, Run> Runs { get; } = keys.Runs.Where(store.Runs.ContainsKey).ToDictionary(x => x, x => store.Runs[x].Copy());

        public IReadOnlyDictionary<IdempotencyKey, IdempotencyRecord> Idempotency { get; } =
            keys.Idempotency.Where(store.Idempotency.ContainsKey).ToDictionary(x => x, x => store.Idempotency[x]);

        public IReadOnlyList<Run> Waiting { get; } =
            [.. keys.Picks.SelectMany(pick => store.Runs.Values.Where(x => x.IsWaiting && x.JobKey == pick.Job).Order(Dispatcher.Turn).Take(pick.Most)).Select(x => x.Copy())];

        public Task Commit(RunChanges changes)
        {
            if (stale is not null)
                throw stale;
            if (store.FailCommit is { } refusal)
            {
                store.FailCommit = null;
                throw refusal;
            }

            foreach (var run in changes.Inserted.Concat(changes.Updated))
                store.Runs[new(run.OrgId, run.Id)] = run.Copy();
            foreach (var (job, due, running) in changes.Loads)
                (store.Loads[job].Due, store.Loads[job].Running) = (due, running);
            foreach (var (key, record) in changes.Idempotency)
                store.Idempotency[key] = record;
            foreach (var key in changes.TimersCleared)
                store.Timers.Remove(key);
            foreach (var timer in changes.TimersSet)
                store.Timers[new(timer.OrgId, timer.RunId)] = timer;
            store.DeadLetters.AddRange(changes.DeadLetters);
            foreach (var message in changes.Outbox)
                store.Outbox[new(message.OrgId, message.Id)] = message;
            foreach (var key in changes.Confirmed)
                store.Outbox.Remove(key);
            if (store.FailAfterCommit is not { } failure)
                return Task.CompletedTask;
            store.FailAfterCommit = null;
            throw failure;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
