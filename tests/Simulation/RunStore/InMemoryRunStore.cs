using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Timers;

namespace ReactorJobs.Tests.Simulation.RunStore;

/// <summary>Runs in memory, one transaction at a time, under the same constraints as the tables.</summary>
public sealed class InMemoryRunStore(TimeProvider time) : IRunStore
{
    readonly SemaphoreSlim turn = new(1, 1);
    readonly Dictionary<JobKey, Job> jobs = [];
    readonly Dictionary<JobKey, (int Due, int Running)> loads = [];
    readonly Dictionary<RunKey, Run> runs = [];
    readonly Dictionary<IdempotencyKey, IdempotencyRecord> idempotency = [];
    readonly Dictionary<RunKey, RunTimer> timers = [];
    readonly Dictionary<(string OrgId, string Id), DeadLetter> deadLetters = [];
    readonly Dictionary<OutboxKey, (OutboxMessage Message, DateTimeOffset At)> outbox = [];
    readonly Dictionary<string, DateTimeOffset> schedulers = new(StringComparer.Ordinal);
    readonly Dictionary<short, (string Owner, DateTimeOffset Until)> shards = [];

    /// <summary>Told of each run that a commit changes, as it was and as it is.</summary>
    public event Action<Run?, Run>? Committed;

    /// <summary>Told after each commit.</summary>
    public event Action<RunChanges>? Changed;

    public IReadOnlyDictionary<RunKey, Run> Runs => runs;
    public IReadOnlyDictionary<JobKey, (int Due, int Running)> Loads => loads;
    public IReadOnlyDictionary<JobKey, Job> Jobs => jobs;
    public IReadOnlyCollection<RunTimer> Timers => timers.Values;
    public IReadOnlyCollection<DeadLetter> DeadLetters => deadLetters.Values;
    public int Outbox => outbox.Count;

    public void Register(Job job)
    {
        jobs[job.Key] = job;
        loads.TryAdd(job.Key, default);
        loads.TryAdd(RunSession.OrgWide(job.OrgId), default);
    }

    /// <summary>As somebody who changes the job would.</summary>
    public void Rewrite(JobKey key)
    {
        if (jobs.TryGetValue(key, out var job))
            jobs[key] = job with { };
    }

    public async Task<IRunTransaction> Open(RunKeys keys)
    {
        await turn.WaitAsync();
        return new Transaction(this, keys);
    }

    public IRunTransaction Assume(RunKeys keys, KnownRows known) => new Assumed(this, keys, known);

    public Task<IReadOnlyList<RunTimer>> ReadTimers(IReadOnlyCollection<short> shards, DateTimeOffset before, int most) =>
        Rows(timers.Values.Where(x => shards.Contains(x.Shard) && x.DueAt < before).OrderBy(x => x.DueAt).Take(most));

    public Task<IReadOnlyList<StalledRun>> ReadDispatched(DateTimeOffset before, int most) =>
        Rows(runs.Values.Where(x => x.IsRunning && x.DispatchedAt < before).OrderBy(x => x.DispatchedAt).Take(most)
            .Select(x => new StalledRun(x.OrgId, x.Id, x.Job, x.Epoch, x.Executor!.Value, x.Handler, x.DispatchedAt!.Value)));

    public Task<IReadOnlyList<WaitingJob>> ReadWaitingJobs() =>
        Rows(loads.Where(x => x.Value.Due > x.Value.Running && jobs.TryGetValue(x.Key, out var job) && !job.Paused)
            .Select(x => new WaitingJob(x.Key, jobs[x.Key].Handler, x.Value.Due - x.Value.Running) { Running = x.Value.Running, Room = jobs[x.Key].MaxConcurrency - x.Value.Running }));

    public Task<IReadOnlyList<OutboxMessage>> ReadOutbox(DateTimeOffset before, int most) =>
        Rows(outbox.Values.Where(x => x.At < before).OrderBy(x => x.At).Take(most).Select(x => x.Message));

    public Task<ShardLease> LeaseShards(string owner, DateTimeOffset now, DateTimeOffset until)
    {
        schedulers[owner] = until;
        string[] there = [.. schedulers.Where(x => x.Value > now).Select(x => x.Key)];
        var share = Shards.Share(there, owner);
        foreach (var shard in shards.Where(x => x.Value.Owner == owner && !share.Contains(x.Key)).Select(x => x.Key).ToArray())
            shards[shard] = (owner, now);
        short[] owned = [.. share.Where(shard => !shards.TryGetValue(shard, out var lease) || lease.Owner == owner || lease.Until <= now)];
        foreach (var shard in owned)
            shards[shard] = (owner, until);
        return Task.FromResult(new ShardLease(owned, there.Length));
    }

    public Task LeaveShards(string owner)
    {
        schedulers.Remove(owner);
        foreach (var shard in shards.Where(x => x.Value.Owner == owner).Select(x => x.Key).ToArray())
            shards[shard] = (owner, DateTimeOffset.MinValue);
        return Task.CompletedTask;
    }

    static Task<IReadOnlyList<T>> Rows<T>(IEnumerable<T> rows) => Task.FromResult<IReadOnlyList<T>>([.. rows]);

    void Write(RunChanges changes, IReadOnlyCollection<string> orgs)
    {
        RunConstraints.Check(changes, orgs);
        foreach (var run in changes.Inserted)
            if (runs.ContainsKey(KeyOf(run)))
                throw new ConstraintViolation("run_pkey");
        foreach (var letter in changes.DeadLetters)
            if (deadLetters.ContainsKey((letter.OrgId, letter.Id)))
                throw new ConstraintViolation("dead_letter_pkey");
        foreach (var message in changes.Outbox)
            if (outbox.ContainsKey(new(message.OrgId, message.Id)))
                throw new ConstraintViolation("outbox_pkey");

        foreach (var run in changes.Inserted.Concat(changes.Updated.Where(x => runs.ContainsKey(KeyOf(x)))))
        {
            var before = runs.GetValueOrDefault(KeyOf(run));
            runs[KeyOf(run)] = RunConstraints.Stored(run);
            Committed?.Invoke(before, run);
        }

        foreach (var (job, due, running) in changes.Loads)
            loads[job] = (due, running);
        foreach (var (key, record) in changes.Idempotency)
            idempotency[key] = record with { ExpiresAt = RunConstraints.Stored(record.ExpiresAt) };
        foreach (var key in changes.TimersCleared)
            timers.Remove(key);
        foreach (var timer in changes.TimersSet)
            timers[new(timer.OrgId, timer.RunId)] = timer with { DueAt = RunConstraints.Stored(timer.DueAt) };
        foreach (var letter in changes.DeadLetters)
            deadLetters.Add((letter.OrgId, letter.Id), letter);
        foreach (var message in changes.Outbox)
            outbox.Add(new(message.OrgId, message.Id), (message, time.GetUtcNow()));
        foreach (var key in changes.Confirmed)
            outbox.Remove(key);
        Changed?.Invoke(changes);
    }

    static RunKey KeyOf(Run run) => new(run.OrgId, run.Id);

    sealed class Transaction(InMemoryRunStore store, RunKeys keys) : IRunTransaction
    {
        bool over;

        public IReadOnlyDictionary<JobKey, JobLoad> Loads { get; } = keys.Jobs.Where(x => keys.Orgs.Contains(x.OrgId) && store.loads.ContainsKey(x))
            .ToDictionary(x => x, x => new JobLoad(store.jobs.GetValueOrDefault(x), store.loads[x].Due, store.loads[x].Running));

        public IReadOnlyDictionary<RunKey, Run> Runs { get; } = keys.Runs.Where(x => keys.Orgs.Contains(x.OrgId) && store.runs.ContainsKey(x))
            .ToDictionary(x => x, x => store.runs[x].Copy());

        public IReadOnlyDictionary<IdempotencyKey, IdempotencyRecord> Idempotency { get; } =
            keys.Idempotency.Where(x => keys.Orgs.Contains(x.OrgId) && store.idempotency.ContainsKey(x)).ToDictionary(x => x, x => store.idempotency[x]);

        public IReadOnlyList<Run> Waiting { get; } = keys.Picks.Count == 0 ? [] :
        [
            .. keys.Picks.Where(x => keys.Orgs.Contains(x.Job.OrgId))
                .SelectMany(x => InTurn(store.runs.Values.Where(run => run.JobKey == x.Job && run.IsWaiting)).Take(x.Most))
                .OrderBy(x => x.QueuedAt).ThenBy(x => x.Id).Select(x => x.Copy()),
        ];

        public Task Commit(RunChanges changes)
        {
            if (over)
                throw new InvalidOperationException("The transaction is over.");
            over = true;
            store.Write(changes, keys.Orgs);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            store.turn.Release();
            return ValueTask.CompletedTask;
        }

        static IEnumerable<Run> InTurn(IEnumerable<Run> runs) => runs.OrderBy(x => x.QueuedAt).ThenBy(x => x.Id);
    }

    sealed class Assumed(InMemoryRunStore store, RunKeys keys, KnownRows known) : IRunTransaction
    {
        public IReadOnlyDictionary<JobKey, JobLoad> Loads { get; } = known.Loads.ToDictionary(x => x.Key, x => x.Value.Copy());
        public IReadOnlyDictionary<RunKey, Run> Runs => known.Runs;
        public IReadOnlyDictionary<IdempotencyKey, IdempotencyRecord> Idempotency { get; } = new Dictionary<IdempotencyKey, IdempotencyRecord>();
        public IReadOnlyList<Run> Waiting => [];

        public async Task Commit(RunChanges changes)
        {
            await store.turn.WaitAsync();
            try
            {
                Compare();
                if (!changes.IsEmpty)
                    store.Write(changes, keys.Orgs);
            }
            finally
            {
                store.turn.Release();
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        void Compare()
        {
            foreach (var (key, load) in known.Loads)
                if (!keys.Orgs.Contains(key.OrgId) || !store.loads.TryGetValue(key, out var now) || now != (load.Due, load.Running) ||
                    !ReferenceEquals(store.jobs.GetValueOrDefault(key), load.Job))
                    throw new StaleRead(isThere: false);
            foreach (var (key, run) in known.Runs)
                if (!store.runs.TryGetValue(key, out var now) || now.Status != run.Status || now.Epoch != run.Epoch)
                    throw new StaleRead(isThere: false);
            if (keys.Runs.Any(key => !known.Runs.ContainsKey(key) && store.runs.ContainsKey(key)) || keys.Idempotency.Any(store.idempotency.ContainsKey))
                throw new StaleRead(isThere: true);
        }
    }
}
