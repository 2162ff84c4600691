using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Fires;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Tests.Scheduler.Fires;

/// <summary>A scheduler with cron triggers on a clock that stands still, over a real database: nothing wakes it but the test.</summary>
sealed class FireBench
{
    readonly SemaphoreSlim oneAtATime = new(1, 1);
    readonly Database database;

    public FireBench(Database database)
    {
        this.database = database;
        Runs = new RunBench(database.Store);
        Store = new(database.Service);
        Starter = new(Store, Take, Time, NullLogger<FireStarter>.Instance);
        Firing = new(Store, Starter, (key, at) => Wakes[key] = at, () => Begun++, Time, NullLogger<CronFiring>.Instance);
        Triggers = new(database.Registry, new EventSubscriptions(null!), null!, null!, (key, at) => Wakes[key] = at, new IdSource(Time), Time);
    }

    public RunBench Runs { get; }
    public ManualTime Time => Runs.Time;
    public FireStore Store { get; }
    public FireStarter Starter { get; }
    public CronFiring Firing { get; }
    public TriggerRegistry Triggers { get; }

    /// <summary>When each trigger is to be woken, as it was told last.</summary>
    public Dictionary<TriggerKey, DateTimeOffset?> Wakes { get; } = [];

    public int Begun { get; private set; }

    /// <summary>What happens before and after an item is committed.</summary>
    public Action<RunItem> BeforeTake { get; set; } = _ => { };
    public Action<RunItem> AfterTake { get; set; } = _ => { };

    public async Task<TriggerRow> Add(string fields, string job = Given.JobName)
    {
        var read = new Fields(JsonDocument.Parse("{\"kind\": \"cron\", " + fields + "}").RootElement, "");
        var request = TriggerRequest.Read(read);
        read.Done();
        var (view, _) = await Triggers.Add(Given.Org, job, request!, default);
        return (await Triggers.Find(Given.Org, job, view.Id, default))!;
    }

    public async Task SweepAfter(TimeSpan pause)
    {
        Time.Advance(pause);
        await Firing.Sweep();
    }

    public async Task End(RunId run, string outcome = AttemptOutcomes.Completed)
    {
        await Runs.Finish(run, 1, outcome);
        Starter.Tell(Runs.Committed[^1]);
    }

    /// <summary>The ledger, the oldest first: minute and second, outcome, reason.</summary>
    public async Task<string[]> Ledger(TriggerRow trigger) =>
        [.. (await Fires(trigger)).Select(x => $"{x.NominalAt:mm:ss} {x.Outcome}{(x.Reason is null ? "" : $": {x.Reason}")}")];

    public async Task<List<FireView>> Fires(TriggerRow trigger)
    {
        var fires = await Store.Ledger(new(trigger.OrgId, trigger.Id), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200), 10_000, default);
        fires.Reverse();
        return fires;
    }

    public async Task<List<Run>> RunsOf(TriggerRow trigger)
    {
        var queries = new RunQueries(database.Service);
        var runs = new List<Run>();
        foreach (var row in await queries.List(Given.Org, new RunFilter { Trigger = TriggerKinds.Cron }, 5_000, default))
            if (row.TriggerId == trigger.Id)
                runs.Insert(0, (await queries.Find(Given.Org, new(row.Id), default))!);
        return runs;
    }

    /// <summary>What happens by itself soon is asked for again and again.</summary>
    public static async Task Until(Func<Task<bool>> fact)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await fact())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
    }

    async Task Take(RunItem item)
    {
        BeforeTake(item);
        await oneAtATime.WaitAsync();
        try
        {
            await Runs.Commit(item);
        }
        finally
        {
            oneAtATime.Release();
        }

        AfterTake(item);
    }
}
