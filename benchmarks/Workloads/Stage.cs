using System.Diagnostics;
using ReactorJobs.Bench.Measuring;
using ReactorJobs.Bench.Suite;

namespace ReactorJobs.Bench.Workloads;

/// <summary>What every workload plays on: a running suite, a connected worker, and the tools to drive and to measure them.</summary>
sealed class Stage : IAsyncDisposable
{
    readonly HashSet<string> warm = [];
    readonly HashSet<string> functions = [];

    Stage(BenchOptions options, Report report, TimeProvider time, CancellationToken stop, ReactorDev suite, Worker worker)
    {
        (Options, Report, Time, Stop, Suite, Worker) = (options, report, time, stop, suite, worker);
        Database = new(suite, time);
        Api = new(suite);
    }

    public BenchOptions Options { get; }
    public Report Report { get; }
    public TimeProvider Time { get; }
    public CancellationToken Stop { get; }
    public ReactorDev Suite { get; }
    public Worker Worker { get; }
    public Database Database { get; }
    public Api Api { get; }

    public static async Task<Stage> Set(BenchOptions options, Report report, TimeProvider time, CancellationToken stop)
    {
        var checkout = Checkout.Find();
        var suite = await ReactorDev.Start(checkout, options, time, stop);
        var stage = new Stage(options, report, time, stop, suite, Worker.Start(checkout, suite, options.Slots));
        try
        {
            foreach (var job in (string[])[Jobs.Trivial, Jobs.ThreeSteps, Jobs.Nap, Jobs.Sleeper])
                await stage.Api.Define(job, job, null, stop);
            await stage.Worker.Connect();
            report.Say($"suite {suite.ProcessId}, postgres {suite.Postmaster}, worker {stage.Worker.ProcessId}, data {suite.Data}");
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public Meter Measure() => new(Suite, Worker);

    /// <summary>Runs the job until the JIT has settled; once for each job.</summary>
    public async Task WarmUp(string job = Jobs.Trivial)
    {
        if (!warm.Add(job))
            return;
        Report.Say($"warming up with {Options.WarmUp} runs of {job}");
        await RunToEnd(job, Options.WarmUp);
    }

    /// <summary>Concurrent callers trigger that many runs, each as soon as its last call is answered; ends when the last run has.</summary>
    public async Task RunToEnd(string job, int runs)
    {
        var callers = await Callers(job, Options.Clients);
        // A function's end shows in the database only.
        var reached = functions.Contains(job) ? Task.CompletedTask : await Worker.Expect(runs);
        await Drive(callers, runs);
        await reached.WaitAsync(Stop);
        await Database.NothingDue(Stop);
        Array.ForEach(callers, caller => caller.Dispose());
    }

    public Task<Caller[]> Callers(string job, int count) => Task.WhenAll(Enumerable.Range(0, count).Select(_ =>
        Caller.Connect(Suite, $"/jobs/v1/{job}/trigger", Stop, functions.Contains(job) ? () => WallClock(Time) : null)));

    /// <summary>In milliseconds.</summary>
    public static double WallClock(TimeProvider time) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    /// <summary>Deploys a function and a job of the same name.</summary>
    /// <param name="export">Of <c>functions/index.mjs</c>.</param>
    public async Task Deploy(string name, string runtime, string export)
    {
        if (!functions.Add(name))
            return;
        await Api.Deploy(name, runtime, FunctionArchive.Of(Suite.Checkout.Functions, export), Stop);
        await Api.Define(name, name, null, Stop);
    }

    /// <summary>From the call to the handler's first line, of the last runs: a worker notes it, a function's result is that line's time.</summary>
    public Task<double[]> Latencies(string job, int runs) => functions.Contains(job)
        ? Database.Numbers($"select result::text::float8 - (payload::jsonb ->> 'at')::float8 from scheduler.run where job = '{job}' order by id desc limit {runs}", Stop)
        : Worker.Notes();

    async Task Drive(Caller[] callers, int runs)
    {
        var begun = 0;
        await Task.WhenAll(callers.Select(async caller =>
        {
            while (Interlocked.Increment(ref begun) <= runs)
                await caller.Trigger(Stop);
        }));
    }

    /// <summary>Calls at an even rate, whether the calls before are answered or not; ends when all are.</summary>
    public async Task AtRate(int perSecond, int calls, Caller[] callers)
    {
        var free = System.Threading.Channels.Channel.CreateUnbounded<Caller>();
        Array.ForEach(callers, caller => free.Writer.TryWrite(caller));
        var pending = new List<Task>(calls);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++)
        {
            var early = TimeSpan.FromSeconds((double)i / perSecond) - Stopwatch.GetElapsedTime(started);
            if (early > TimeSpan.Zero)
                await Task.Delay(early, Time, Stop);
            pending.Add(Call(await free.Reader.ReadAsync(Stop)));
        }

        await Task.WhenAll(pending);

        async Task Call(Caller caller)
        {
            await caller.Trigger(Stop);
            free.Writer.TryWrite(caller);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Database.DisposeAsync();
        await Worker.DisposeAsync();
        await Suite.DisposeAsync();
    }
}
