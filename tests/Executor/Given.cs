using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Executor;

/// <summary>A clock that stands until it is moved, and then fires what has become due.</summary>
public sealed class ManualTime : TimeProvider
{
    readonly Lock gate = new();
    readonly List<Timer> timers = [];
    readonly List<(DateTimeOffset By, TaskCompletionSource Set)> awaited = [];
    DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes when a timer is set, or was before, that is due within that time from now.</summary>
    public Task TimerWithin(TimeSpan time)
    {
        lock (gate)
        {
            var set = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            awaited.Add((now + time, set));
            Tell();
            return set.Task;
        }
    }

    void Tell()
    {
        foreach (var (by, set) in awaited)
            if (timers.Any(x => x.Due <= by))
                set.TrySetResult();
        awaited.RemoveAll(x => x.Set.Task.IsCompleted);
    }

    public void Advance(TimeSpan by)
    {
        var end = now + by;
        for (; ; )
        {
            Timer? next;
            lock (gate)
                next = timers.Where(x => x.Due <= end).MinBy(x => x.Due);
            if (next is null)
                break;
            now = next.Due > now ? next.Due : now;
            next.Fire();
        }

        now = end;
    }

    sealed class Timer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        TimeSpan period;

        public DateTimeOffset Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan every)
        {
            lock (time.gate)
            {
                time.timers.Remove(this);
                period = every;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = time.now + dueTime;
                    time.timers.Add(this);
                    time.Tell();
                }
            }

            return true;
        }

        public void Fire()
        {
            Change(period, period);
            callback(state);
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}

/// <summary>An engine over a store, with a bus that keeps what it is given and confirms when it is told to.</summary>
public sealed class Bench
{
    public static readonly Guid Here = new("018f0000-0000-7000-8000-000000000001");

    public ManualTime Time { get; } = new();
    public IdSource Ids { get; }
    public IAttemptStore Store { get; }
    public Outbox Outbox { get; }
    public AttemptEngine Engine { get; }
    public List<OutboxMessage> Sent { get; } = [];

    public Bench(IAttemptStore? store = null, Func<OutboxMessage, Task>? publish = null)
    {
        Ids = new(Time);
        Store = store ?? new InMemoryAttemptStore();
        Outbox = new(message =>
        {
            Sent.Add(message);
            return publish?.Invoke(message) ?? Task.CompletedTask;
        }, NullLogger.Instance);
        Engine = new(Store, Outbox, new(), Time, Ids, Here);
    }

    public InMemoryAttemptStore Memory => (InMemoryAttemptStore)Store;

    public ExecuteRun NewRun(int epoch = 1, string org = "acme", RunId? run = null, RunId? shares = null, string handler = "h") =>
        new(org, run ?? Ids.NewRun(), epoch, epoch, 3, "job", handler, RawJson.Trusted("{}"), RunTrigger.Manual, 60_000, default, shares);

    public async Task<T> Do<T>(T item) where T : AttemptItem
    {
        await Engine.Process([item]);
        return item;
    }

    public Task<ClaimItem> Claim(ExecuteRun run) => Do(new ClaimItem(run, "worker", null));

    public Task<CheckpointItem> Step(ExecuteRun run, string key, string output = "1", IReadOnlyList<EmittedEvent>? events = null, long? sleepMs = null, string? state = null) =>
        Do(new CheckpointItem(RunKey.Of(run), run.Epoch, new(key, RawJson.Trusted(output), state is null ? null : RawJson.Trusted(state), events, sleepMs), null));

    public Task<EndItem> End(ExecuteRun run, Ending ending) => Do(new EndItem(RunKey.Of(run), run.Epoch, ending, null));

    public Task<EndItem> Complete(ExecuteRun run, string result = "\"ok\"") => End(run, new(AttemptOutcomes.Completed, RawJson.Trusted(result)));

    public static string TypeOf(OutboxMessage message)
    {
        using var json = JsonDocument.Parse(message.Body);
        return json.RootElement.GetProperty("messageType")[0].GetString()!.Split(':')[^1];
    }

    public static T Body<T>(OutboxMessage message)
    {
        using var json = JsonDocument.Parse(message.Body);
        return json.RootElement.GetProperty("message").Deserialize<T>(new JsonSerializerOptions(JsonSerializerDefaults.Web))!;
    }
}
