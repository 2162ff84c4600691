using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Executor;

/// <summary>Settings of an executor.</summary>
public sealed record ExecutorOptions
{
    /// <summary>Outlives restarts and is this executor's alone; by default the machine's name.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>How many attempts of HTTP handlers run at once: 0 to 100,000, by default 100.</summary>
    public int HttpSlots { get; init; } = 100;

    /// <summary>Where HTTP handlers reach the suite; their callbacks go to a path below it.</summary>
    public string PublicUrl { get; init; } = "http://localhost:8000";

    /// <summary>After this silence either side of a worker's connection pings; after three times this, it is dead. 100 ms to 60 s, by default 5 s.</summary>
    public int HeartbeatMs { get; init; } = 5_000;

    /// <summary>How many pieces of work are committed together at most: 1 to 10,000, by default 200.</summary>
    public int GroupLimit { get; init; } = 200;

    /// <summary>What the installation's settings say, and defaults for the rest.</summary>
    /// <param name="url">What holds where no public address is set.</param>
    public static ExecutorOptions From(JobsSettings jobs, string name, string url) => new()
    {
        Name = name,
        HttpSlots = jobs.HttpSlots,
        PublicUrl = jobs.PublicUrl ?? url,
    };

    /// <summary>Throws one line that names the setting, its value and what is allowed.</summary>
    public ExecutorOptions Validated()
    {
        Check(Name is { Length: > 0 and <= 200 }, nameof(Name), Name, "must have 1 to 200 characters");
        Check(HttpSlots is >= 0 and <= 100_000, nameof(HttpSlots), HttpSlots, "must be from 0 to 100,000");
        Check(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https", nameof(PublicUrl), PublicUrl, "must be an http or https address");
        Check(HeartbeatMs is >= 100 and <= 60_000, nameof(HeartbeatMs), HeartbeatMs, "must be from 100 to 60,000");
        Check(GroupLimit is >= 1 and <= 10_000, nameof(GroupLimit), GroupLimit, "must be from 1 to 10,000");
        return this;
    }

    static void Check(bool holds, string setting, object? value, string allowed)
    {
        if (!holds)
            throw new InvalidOperationException($"The executor's setting {setting} is \"{value}\" and {allowed}.");
    }
}
