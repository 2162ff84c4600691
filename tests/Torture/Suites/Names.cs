namespace ReactorJobs.Tests.Torture.Suites;

/// <summary>The processes of a trial, each name spelled once.</summary>
static class Names
{
    public const string Ingress = "ingress";
    public const string Scheduler = "scheduler";
    public const string Executor = "executor";
    public const string Events = "events";
    public const string Worker = "worker";
    public const string PostgreSql = "postgresql";
    public const string RabbitMq = "rabbitmq";

    /// <summary>Whoever calls the API; no process of the suite, but with links of its own.</summary>
    public const string Clients = "clients";

    /// <summary>All services that a process speaks to.</summary>
    public const string Peers = "peers";

    static readonly string[] Services = [Ingress, Scheduler, Executor, Events];

    /// <summary>What a process is, such as <c>executor</c> for <c>executor-2</c>.</summary>
    public static string KindOf(string name) => name.Split('-')[0];

    public static bool IsService(string name) => Services.Contains(KindOf(name));
}

/// <summary>How many processes of each kind there are.</summary>
/// <param name="Workers">Of the first org; each further org has one.</param>
sealed record Shape(int Schedulers = 2, int Executors = 2, int Events = 2, int Workers = 2)
{
    public static readonly IReadOnlyList<string> Orgs = ["acme", "globex"];

    public IReadOnlyList<string> Services =>
        [.. Of(Names.Ingress, 1), .. Of(Names.Scheduler, Schedulers), .. Of(Names.Executor, Executors), .. Of(Names.Events, Events)];

    public IReadOnlyList<string> WorkerNames => [.. Of(Names.Worker, Workers + Orgs.Count - 1)];

    /// <summary>The processes of a kind.</summary>
    public IReadOnlyList<string> All(string kind) => kind switch
    {
        Names.PostgreSql or Names.RabbitMq or Names.Clients => [kind],
        Names.Worker => WorkerNames,
        _ => [.. Services.Where(x => Names.KindOf(x) == kind)],
    };

    /// <summary>Whose runs the worker of this number takes.</summary>
    public string OrgOf(int worker) => Orgs[Math.Max(0, worker - Workers + 1)];

    static IEnumerable<string> Of(string kind, int count) => Enumerable.Range(1, count).Select(i => $"{kind}-{i}");
}
