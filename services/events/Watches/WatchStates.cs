namespace ReactorJobs.Events.Watches;

/// <summary>What a watch is at, as the API shows it.</summary>
public static class WatchStates
{
    /// <summary>Nobody has read from it yet.</summary>
    public const string Starting = "starting";

    public const string Streaming = "streaming";

    /// <summary>It is tried again; its problem says what is wrong.</summary>
    public const string Failing = "failing";
}
