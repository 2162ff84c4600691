using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Brings one run to a status by the way that runs get there.</summary>
sealed class RunAt(RunBench bench, MemoryRunStore store, RunId id)
{
    public const string Delayed = "delayed";

    public static readonly string[] Statuses = [RunStatus.Pending, Delayed, .. RunStatus.All.Skip(1)];

    public static readonly TimeSpan Nap = TimeSpan.FromHours(1);

    public RunBench Bench => bench;
    public MemoryRunStore Store => store;
    public RunId Id => id;
    public Run Run => store.Runs[new(Given.Org, id)];
    public (int Due, int Running) Load => (store.Loads[Run.JobKey].Due, store.Loads[Run.JobKey].Running);

    public static async Task<RunAt> Status(string status)
    {
        var store = new MemoryRunStore();
        store.Register(Given.Job());
        var bench = new RunBench(store);
        var at = new RunAt(bench, store, await Lead(bench, status));
        Assert.Equal(status == Delayed ? RunStatus.Pending : status, at.Run.Status);
        return at;
    }

    public static async Task<RunId> Lead(RunBench bench, string status)
    {
        if (status is not (RunStatus.Pending or Delayed))
            bench.Serving();
        var later = bench.Time.GetUtcNow() + Nap;
        var run = await bench.Accept(status == Delayed ? later : null);
        await (status switch
        {
            RunStatus.Sleeping => bench.Suspend(run, 1, later),
            RunStatus.Retrying => bench.Finish(run, 1, AttemptOutcomes.Failed, retryAfterMs: (long)Nap.TotalMilliseconds),
            RunStatus.Completed => bench.Finish(run, 1, AttemptOutcomes.Completed),
            RunStatus.Failed => bench.Finish(run, 1, AttemptOutcomes.Failed, fatal: true),
            RunStatus.Cancelled => bench.Cancel(run),
            _ => Task.CompletedTask,
        });
        return run;
    }

    /// <summary>Everything that a message could have changed, to compare before and after.</summary>
    public string Everything() => System.Text.Json.JsonSerializer.Serialize(new
    {
        Run,
        Load.Due,
        Load.Running,
        Timers = store.Timers.Values,
        Letters = store.DeadLetters,
        bench.Published,
        bench.WokenUp,
        Free = bench.FreeSlots(),
    });
}
