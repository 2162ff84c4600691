using ReactorJobs.Cli.Deploying;
using ReactorJobs.Hosting;

namespace ReactorJobs.Cli.Dev;

/// <summary>A job and what it wants to be run by.</summary>
readonly record struct JobTarget(string Job, string Handler);

/// <summary>Jobs whose runs would wait for a handler that is nowhere.</summary>
static class MissingTargets
{
    /// <param name="functions">Those of the project: one that could not be deployed yet is on its way.</param>
    /// <param name="isServed">Whether a worker, a deployed function or the suite itself (of URLs) takes runs of a handler.</param>
    public static IReadOnlyList<JobTarget> Among(IEnumerable<JobTarget> jobs, IReadOnlyCollection<string> functions, Func<string, bool> isServed) =>
        [.. jobs.Where(x => !functions.Contains(x.Handler) && !functions.Contains(JobManifest.FunctionOf(x.Handler)) && !isServed(x.Handler))];

    /// <summary>What the handler of one of them was probably meant to be: a function of the project, or what runs another job.</summary>
    public static IReadOnlyList<string> Meant(JobTarget missing, IEnumerable<JobTarget> jobs, IEnumerable<string> functions, Func<string, bool> isServed) =>
    [
        .. functions.Concat(jobs.Select(x => x.Handler).Where(isServed)).Distinct(StringComparer.Ordinal)
            .Where(name => Spelling.Near(missing.Handler, name)).Order(StringComparer.Ordinal),
    ];
}

/// <summary>Remembers which missing targets were told, so that each is told once, and so is its end.</summary>
sealed class ToldTargets
{
    IReadOnlyList<JobTarget> told = [];

    public bool Any => told.Count > 0;

    /// <param name="missing">Those of now.</param>
    /// <param name="jobs">All of now: a job that was deleted has found nothing.</param>
    public (IReadOnlyList<JobTarget> New, IReadOnlyList<JobTarget> Found) Compare(IReadOnlyList<JobTarget> missing, IEnumerable<JobTarget> jobs)
    {
        var before = told;
        told = missing;
        var found = before.Select(x => x.Job).Except(missing.Select(x => x.Job)).ToHashSet(StringComparer.Ordinal);
        return ([.. missing.Except(before)], [.. jobs.Where(x => found.Contains(x.Job))]);
    }
}
