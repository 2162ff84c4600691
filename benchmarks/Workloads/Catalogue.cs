namespace ReactorJobs.Bench.Workloads;

/// <summary>The workloads by their names.</summary>
static class Catalogue
{
    public static readonly IReadOnlyDictionary<string, Func<Stage, Task>> All = new Dictionary<string, Func<Stage, Task>>(StringComparer.Ordinal)
    {
        [Jobs.Trivial] = stage => ClosedLoop.Run(stage, Jobs.Trivial),
        [Jobs.ThreeSteps] = stage => ClosedLoop.Run(stage, Jobs.ThreeSteps),
        ["latency"] = OpenLoop.Run,
        ["backlog"] = Backlog.Run,
        ["sleep"] = Sleep.Run,
        ["sleepers"] = Sleepers.Run,
        ["fan-out"] = FanOut.Run,
        ["flood"] = Flood.Run,
        ["history"] = History.Run,
        ["functions"] = Functions.Run,
        ["sql"] = Sql.Run,
        [Jobs.ThreeStepsFunctions] = async stage =>
        {
            await stage.Deploy(Jobs.ThreeStepsFunctions, "bun", "threeSteps");
            await ClosedLoop.Run(stage, Jobs.ThreeStepsFunctions);
        },
    };

    public static readonly IReadOnlyList<string> Everyday = [Jobs.Trivial, Jobs.ThreeSteps, "latency", "backlog", "sleep"];

    /// <summary>The workloads that a name stands for; none when it is unknown.</summary>
    public static IReadOnlyList<string> Named(string name) => name == "all" ? Everyday : All.ContainsKey(name) ? [name] : [];
}

/// <summary>Jobs and handlers have the same names; workers/handlers.mjs and functions/index.mjs have the handlers.</summary>
static class Jobs
{
    public const string Trivial = "trivial";
    public const string ThreeSteps = "three-steps";
    public const string ThreeStepsFunctions = "three-steps-functions";
    public const string Nap = "nap";
    public const string Sleeper = "sleeper";
}
