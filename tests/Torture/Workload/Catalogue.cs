namespace ReactorJobs.Tests.Torture.Workload;

/// <summary>The jobs, whose handlers of the same names are in <c>workers/handlers.mjs</c>; <see cref="WorkloadPlan"/> says what becomes of their runs.</summary>
static class Catalogue
{
    public const int FlakyAttempts = 4;
    public const int StuckAttempts = 2;

    public const string OrderDone = "order.done";
    public const string LeafWanted = "leaf.wanted";

    /// <summary>The step of <c>patient</c> that schedules so many runs of <c>sprout</c>.</summary>
    public const string Sowing = "long";
    public const string Sown = "sprout";
    public const int Sprouts = 2;

    const int Plenty = 1_000_000;

    /// <summary>Which jobs an event of a topic starts.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> Subscribers = new Dictionary<string, IReadOnlyList<string>>
    {
        [OrderDone] = ["invoice", "notice"],
        [LeafWanted] = ["leaf"],
    };

    /// <summary>Handlers by their jobs' names, with the settings of each job.</summary>
    public static readonly IReadOnlyDictionary<string, object> Jobs = new Dictionary<string, object>
    {
        ["order"] = new { max_concurrency = Plenty },
        ["parallel"] = new { max_concurrency = Plenty },
        ["patient"] = new { max_concurrency = Plenty },
        ["fan"] = new { max_concurrency = Plenty },
        ["flaky"] = new { max_concurrency = Plenty, retry = new { max_attempts = FlakyAttempts, initial_delay_ms = 100, max_delay_ms = 500 } },
        ["doomed"] = new { max_concurrency = Plenty },
        // A paused worker is out of time too, and that is no fault of the run's.
        ["slow"] = new { max_concurrency = Plenty, timeout_ms = 1500, retry = new { max_attempts = 1000, initial_delay_ms = 100, max_delay_ms = 500 } },
        ["stuck"] = new { max_concurrency = Plenty, timeout_ms = 1000, retry = new { max_attempts = StuckAttempts, initial_delay_ms = 100 } },
        ["invoice"] = Subscriber(OrderDone),
        ["notice"] = Subscriber(OrderDone),
        ["leaf"] = Subscriber(LeafWanted),
        [Sown] = new { max_concurrency = Plenty },
    };

    static object Subscriber(string topic) => new { max_concurrency = Plenty, triggers = new[] { new { kind = "event", topic } } };
}
