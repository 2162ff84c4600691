namespace ReactorJobs.Ingress.Gateway;

/// <summary>The processes behind this ingress. Nothing is ever forwarded to an address that is not here.</summary>
/// <param name="Scheduler">Of each scheduler, such as <c>http://10.0.0.5:8001</c>; at least one, as for the others.</param>
public sealed record GatewayOptions(IReadOnlyList<Uri> Scheduler, IReadOnlyList<Uri> Executor, IReadOnlyList<Uri> Events)
{
    /// <summary>How often every instance is asked whether it is ready: 10 ms to a minute, by default 500 ms.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an instance may take to answer that, and any other question of the gateway's own: 10 ms to a minute, by default 1 s.</summary>
    public TimeSpan CheckPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// After this time without a byte in either direction a request ends; by default never. Followers of logs, workers and long calls of functions
    /// are silent as long as they like; a peer that is gone is found by TCP.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>For how long the description of the API and the schemas, gathered from all services, hold: by default 60 s.</summary>
    public TimeSpan DocumentsHold { get; init; } = TimeSpan.FromSeconds(60);

    public IReadOnlyDictionary<string, IReadOnlyList<Uri>> Instances { get; } = new Dictionary<string, IReadOnlyList<Uri>>
    {
        [GatewayTable.Scheduler] = Scheduler,
        [GatewayTable.Executor] = Executor,
        [GatewayTable.Events] = Events,
    };

    /// <summary>Throws one line that names the setting, its value and what is allowed.</summary>
    public GatewayOptions Validated()
    {
        foreach (var (service, addresses) in Instances)
        {
            Check(addresses.Count > 0, service, "", "needs at least one address");
            Check(addresses.Distinct().Count() == addresses.Count, service, string.Join(", ", addresses), "must not name an address twice");
            foreach (var address in addresses)
                Check(address is { IsAbsoluteUri: true, Scheme: "http" or "https", PathAndQuery: "/" }, service, address, "must be an http or https address without a path");
        }

        Check(IsShort(CheckEvery), nameof(CheckEvery), CheckEvery, "must be from 10 ms to a minute");
        Check(IsShort(CheckPatience), nameof(CheckPatience), CheckPatience, "must be from 10 ms to a minute");
        return this;

        static bool IsShort(TimeSpan time) => time >= TimeSpan.FromMilliseconds(10) && time <= TimeSpan.FromMinutes(1);
    }

    static void Check(bool holds, string setting, object? value, string allowed)
    {
        if (!holds)
            throw new InvalidOperationException($"The gateway's setting {setting} is \"{value}\" and {allowed}.");
    }
}
