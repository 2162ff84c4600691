namespace ReactorJobs.Tests.Torture.Faults;

enum FaultKind
{
    /// <summary>SIGKILL; whoever keeps the process starts it again.</summary>
    Kill,

    /// <summary>SIGTERM, and started again.</summary>
    Restart,

    /// <summary>SIGSTOP for a while, then SIGCONT: it goes on in the belief that no time has passed.</summary>
    Pause,

    /// <summary>RabbitMQ is killed, and all that it had is deleted.</summary>
    Wipe,

    /// <summary>The same when nobody has taken from it for a while: what schedulers were told meanwhile is lost.</summary>
    Lose,

    /// <summary>Connections to a peer end, and new ones are refused for a while.</summary>
    Cut,

    /// <summary>The bytes of one direction are held back for a while.</summary>
    OneWay,

    /// <summary>Connections to a peer are reset, once.</summary>
    Reset,

    /// <summary>Bytes in both directions are late.</summary>
    Slow,

    /// <summary>SIGKILL of the last one of its kind, which is never started again.</summary>
    Retire,
}

/// <summary>One thing that is done to one process.</summary>
/// <param name="Peer">Whom it is cut off from, where the fault is the network's.</param>
/// <param name="Lasts">Zero where the fault is a moment, and its end is the process being back.</param>
/// <param name="ToServer">Which direction is held.</param>
/// <param name="IsAlone">Nothing else is wrong meanwhile: what it is to show needs the rest of the suite.</param>
/// <param name="AfterLines">Lines that the workers write before it, since it was its turn.</param>
sealed record Fault(int Number, FaultKind Kind, string Target, string? Peer, TimeSpan Lasts, TimeSpan Latency, bool ToServer, bool IsAlone, int AfterLines)
{
    /// <summary>The process, or the way between two.</summary>
    public string Describe() => Peer is null ? Target : $"{Target} - {Peer}";
}

/// <summary>When a fault was there, by the wall clock and by the monotonic one of the ledger, in nanoseconds.</summary>
sealed record FaultWindow(Fault Fault, DateTimeOffset Began, DateTimeOffset Ended, long BeganAt, long EndedAt)
{
    public bool Overlaps(FaultWindow other) => BeganAt < other.EndedAt && other.BeganAt < EndedAt;
}
