namespace ReactorJobs.Embedded;

/// <summary>A suite that was started for its developer: in this process, or in several.</summary>
/// <param name="url">Of the API.</param>
/// <param name="token">Opens the org; kept in <c>dev-token</c>, mode 600.</param>
public abstract class DevSuite(string url, string org, string token) : IAsyncDisposable
{
    public string Url => url;

    public string Org => org;

    public string Token => token;

    /// <summary>
    /// Those of the handlers whose runs would be taken now: by a connected worker, a live function, or as a call of a URL; null while nobody
    /// can say.
    /// </summary>
    public abstract Task<IReadOnlySet<string>?> Served(IReadOnlyCollection<string> handlers);

    public abstract ValueTask DisposeAsync();
}
