namespace ReactorJobs.Hosting.Health;

/// <summary>
/// Whether this process is about to stop. From then on <c>/health/ready</c> answers 503, so that whoever stands before it sends nothing new,
/// while it still serves what comes.
/// </summary>
public sealed class Draining(TimeProvider time)
{
    volatile bool hasBegun;

    public bool HasBegun => hasBegun;

    /// <summary>
    /// How long to go on serving until everybody has noticed: longer than they wait between two checks. By default 0: nobody stands before a
    /// host that is the whole installation.
    /// </summary>
    public TimeSpan Notice { get; init; }

    /// <summary>The whole installation ends together: there is nobody who would have to notice.</summary>
    public bool IsOfAll { get; set; }

    /// <summary>Completes when nothing new is to be expected.</summary>
    public Task Begin()
    {
        hasBegun = true;
        return Notice > TimeSpan.Zero && !IsOfAll ? Task.Delay(Notice, time) : Task.CompletedTask;
    }
}

/// <summary>
/// One start of this process, where others have to tell it from its like: <c>/health/ready</c> says it in <see cref="Header"/>.
/// </summary>
/// <param name="Id">Changes with each start.</param>
public sealed record ProcessInstance(string Id)
{
    public const string Header = "X-Reactor-Instance";
}
