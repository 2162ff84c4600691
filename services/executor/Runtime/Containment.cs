namespace ReactorJobs.Executor.Runtime;

/// <summary>What holds functions back on this machine, as it was found at the start; printed there and shown by the health endpoint.</summary>
/// <param name="Kind"><c>bubblewrap</c> or <c>none</c>.</param>
/// <param name="Uid">As whom functions run, as the kernel sees it.</param>
/// <param name="Memory">What enforces the limit: <c>cgroup v2</c>, <c>cgroup v1</c> or <c>watched</c>.</param>
/// <param name="Processes">What bounds processes and threads.</param>
/// <param name="Cpu">What bounds processor time.</param>
/// <param name="Reason">Why it is not more.</param>
public sealed record Containment(string Kind, string Uid, string Memory, string Processes, string Cpu, string? Reason = null)
{
    public const string Bubblewrap = "bubblewrap";
    public const string None = "none";

    public override string ToString() =>
        $"containment: {Kind}, uid: {Uid}, memory: {Memory}, processes: {Processes}, cpu: {Cpu}{(Reason is null ? "" : $" ({Reason})")}";
}

/// <summary>The ways in which bubblewrap may be able to contain, best first.</summary>
sealed record SandboxMode(string? Bubblewrap, bool OwnUid, bool UserNamespace)
{
    public static readonly SandboxMode Uncontained = new(null, false, false);

    /// <summary>
    /// Root drops to a uid that only this process has, so that the kernel's checks and limits hold for it. Anybody else contains by a user
    /// namespace, in which the function can make no further one.
    /// </summary>
    public static IEnumerable<SandboxMode> Of(string bubblewrap, bool root) => root
        ? [new(bubblewrap, OwnUid: true, UserNamespace: false)]
        : [new(bubblewrap, OwnUid: false, UserNamespace: true)];
}
