namespace ReactorJobs.Executor.Bundles;

/// <summary>One run of <c>bun</c>, to be contained by whoever runs it: it may read its own files and <paramref name="Folder"/>, and write the latter.</summary>
/// <param name="Arguments">Of <c>bun</c>; every path in them is relative to the folder.</param>
/// <param name="Folder">The working folder.</param>
public sealed record BuildCommand(IReadOnlyList<string> Arguments, string Folder, TimeSpan TimeLimit)
{
    /// <summary>It runs code of the bundle, which finds there what functions may import, and no network.</summary>
    public bool RunsCode { get; init; }
}

/// <param name="Output">What it wrote to either stream, without colours.</param>
public sealed record BuildResult(int ExitCode, string Output, bool TimedOut = false);
