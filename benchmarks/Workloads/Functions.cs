using ReactorJobs.Bench.Measuring;

namespace ReactorJobs.Bench.Workloads;

/// <summary>
/// How long a deployed function takes to its handler's first line, for each runtime. From the call that triggers the run, by one clock; and in
/// <c>start_*</c> from the executor's own start of the attempt, which is kept to the millisecond. Cold: the first run of a function that was
/// just deployed, so that it has no process yet and its bundle is not unpacked. Such runs come half a second apart, which is time enough to have
/// a process ahead; in <c>functions-burst-*</c> each comes at the end of the one before, which is not: the sandbox and the runtime are started in
/// it, too. Warm: fifty a second to a function that has a process.
/// </summary>
static class Functions
{
    const int ColdRuns = 40;
    const int PerSecond = 50;
    const int WarmSeconds = 10;
    static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(500);

    const string FromCall = "select r.result::text::float8 - (r.payload::jsonb ->> 'at')::float8 from scheduler.run r where r.job like '{0}' order by r.id desc limit {1}";

    const string FromStart =
        """
        select r.result::text::float8 - extract(epoch from a.started_at)::float8 * 1000
        from scheduler.run r join executor.attempt a on a.org_id = r.org_id and a.run_id = r.id where r.job like '{0}' order by r.id desc limit {1}
        """;

    public static async Task Run(Stage stage)
    {
        await stage.WarmUp();
        foreach (var runtime in (string[])["bun", "node"])
            for (var i = 0; i < stage.Options.Repeat; i++)
            {
                await Cold(stage, runtime, "cold", i, Apart);
                await Cold(stage, runtime, "burst", i, TimeSpan.Zero);
                await Warm(stage, runtime, i);
            }
    }

    static async Task Cold(Stage stage, string runtime, string how, int repeat, TimeSpan apart)
    {
        var runs = stage.Options.Runs ?? ColdRuns;
        stage.Report.Say($"functions-{how}-{runtime}: deploying {runs + 1} functions");
        for (var i = 0; i <= runs; i++)
            await stage.Deploy(Name(i), runtime, "trivial");
        // The first one finds the runtime itself.
        await One(runs);
        stage.Report.Say($"functions-{how}-{runtime}: {runs} runs, each the first of its function");
        var meter = stage.Measure();
        for (var i = 0; i < runs; i++)
        {
            await Task.Delay(apart, stage.Time, stage.Stop);
            await One(i);
        }

        await Add(stage, $"functions-{how}-{runtime}", $"{how}-{runtime}-{repeat}-%", runs, meter.Stop());

        string Name(int number) => $"{how}-{runtime}-{repeat}-{number}";

        async Task One(int number) => await stage.Api.Ended(await stage.Api.Trigger(Name(number), Stage.WallClock(stage.Time), stage.Stop), stage.Stop);
    }

    static async Task Warm(Stage stage, string runtime, int repeat)
    {
        var name = $"warm-{runtime}-{repeat}";
        await stage.Deploy(name, runtime, "trivial");
        await stage.RunToEnd(name, stage.Options.WarmUp / 4);
        var runs = PerSecond * (stage.Options.Seconds ?? WarmSeconds);
        stage.Report.Say($"functions-warm-{runtime}: {runs} runs at {PerSecond} a second");
        var callers = await stage.Callers(name, stage.Options.Clients);
        var meter = stage.Measure();
        await stage.AtRate(PerSecond, runs, callers);
        await stage.Database.NothingDue(stage.Stop);
        var usage = meter.Stop();
        Array.ForEach(callers, caller => caller.Dispose());
        await Add(stage, $"functions-warm-{runtime}", name, runs, usage);
    }

    static async Task Add(Stage stage, string workload, string jobs, int runs, Usage usage)
    {
        var start = Percentiles.Of(await Numbers(FromStart))!.Value;
        stage.Report.Add(new(workload, runs, usage, Percentiles.Of(await Numbers(FromCall)))
        {
            Extra = new Dictionary<string, double> { ["start_p50_ms"] = start.P50, ["start_p95_ms"] = start.P95, ["start_p99_ms"] = start.P99 },
        });

        Task<double[]> Numbers(string sql) => stage.Database.Numbers(string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, jobs, runs), stage.Stop);
    }
}
