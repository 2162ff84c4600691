using ReactorJobs.Bench.Measuring;

namespace ReactorJobs.Bench.Workloads;

/// <summary>The closed loop on fresh tables, and again beside millions of finished runs.</summary>
static class History
{
    const int Past = 5_000_000;
    const int PerStatement = 500_000;

    public static async Task Run(Stage stage)
    {
        string[] jobs = [Jobs.Trivial, Jobs.ThreeSteps];
        var fresh = new Dictionary<string, Result>();
        foreach (var job in jobs)
        {
            await stage.WarmUp(job);
            stage.Report.Add(fresh[job] = await Measure(stage, job, "before"));
        }

        for (var done = 0; done < Past; done += PerStatement)
        {
            stage.Report.Say($"history: {done} of {Past} finished runs");
            await Insert(stage, done, Math.Min(PerStatement, Past - done), Past);
        }

        stage.Report.Say("history: vacuum analyze");
        foreach (var table in (string[])["scheduler.run", "executor.attempt"])
            await stage.Database.Execute($"vacuum analyze {table}", stage.Stop);
        await stage.Database.Execute("checkpoint", stage.Stop);

        foreach (var job in jobs)
        {
            var old = await Measure(stage, job, "history");
            stage.Report.Add(old with
            {
                Extra = new Dictionary<string, double>
                {
                    ["past_runs"] = Past,
                    ["ratio"] = old.RunsPerSecond!.Value / fresh[job].RunsPerSecond!.Value,
                    // Says the same on a machine that others use too.
                    ["cpu_ratio"] = old.CpuPerRun / fresh[job].CpuPerRun,
                },
            });
        }
    }

    static async Task<Result> Measure(Stage stage, string job, string when)
    {
        Result? best = null;
        for (var i = 0; i < stage.Options.Repeat; i++)
            if (await ClosedLoop.Measure(stage, job) is var result && !(result.RunsPerSecond <= best?.RunsPerSecond))
                best = result;
        return best! with { Workload = $"{job}-{when}" };
    }

    // As the services would have left them: ids sort by age, over the last 20 days, so that retention leaves them alone.
    static Task Insert(Stage stage, int from, int count, int of) => stage.Database.Execute(
        $$"""
        with past as (
          select n, at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || substr(md5(n::text), 1, 20))::uuid as id
          from (select n, now() - interval '20 days' * (1 - n::float8 / {{of}}) as at from generate_series({{from}}, {{from + count - 1}}) n) x),
        org as (select org_id from scheduler.job where name = '{{Jobs.Trivial}}'),
        runs as (
          insert into scheduler.run (org_id, id, job, handler, status, epoch, attempt, max_attempts, losses, priority, timeout_ms, trigger_kind,
            payload, result, created_at, run_at, due, queued_at, started_at, completed_at, shares_checkpoints)
          select org_id, id, '{{Jobs.Trivial}}', '{{Jobs.Trivial}}', 'completed', 1, 1, 3, 0, 0, 600000, 'manual',
            '{"at":12345678.901}', 'null', at, at, false, at, at, at, false
          from past, org order by n)
        insert into executor.attempt (org_id, run_id, epoch, number, job, worker, started_at, ended_at, outcome, result, fatal)
        select org_id, id, 1, 1, '{{Jobs.Trivial}}', 'bench', at, at, 'completed', 'null', false
        from past, org order by n
        """, stage.Stop);
}
