namespace ReactorJobs.Hosting.GroupCommit;

/// <summary>The rows are not as they were assumed to be. Nothing was written.</summary>
/// <param name="isThere">What was to be made is there already; otherwise somebody else has written.</param>
public sealed class StaleRead(bool isThere, Exception? inner = null) : Exception("The rows are not as they were assumed to be.", inner)
{
    /// <summary>What a schema's function <c>stale_read</c> ends a transaction with.</summary>
    public const string OtherState = "RJ001";
    public const string ThereState = "RJ002";

    public bool IsThere => isThere;
}
