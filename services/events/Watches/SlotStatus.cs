using NpgsqlTypes;

namespace ReactorJobs.Events.Watches;

/// <summary>What a server says of a slot that it has.</summary>
/// <param name="WalStatus"><c>reserved</c>, <c>extended</c>, <c>unreserved</c> or <c>lost</c>.</param>
/// <param name="Held">Bytes of write-ahead log that are kept for it.</param>
/// <param name="Behind">Bytes between what is confirmed and the end of the log.</param>
/// <param name="MostKept">Bytes that are kept for a slot at most, <c>max_slot_wal_keep_size</c>; null is no limit.</param>
public sealed record SlotStatus(bool IsActive, string? WalStatus, long Held, long Behind, long? MostKept, NpgsqlLogSequenceNumber Now)
{
    /// <summary>What it was to send is not there any more.</summary>
    public bool IsLost => WalStatus == "lost";

    /// <summary>From when on there is a warning: what is allowed, or half of what the server keeps.</summary>
    public long WarnFrom(long allowed) => MostKept is { } most ? Math.Min(allowed, most / 2) : allowed;

    public bool IsTooLong(long allowed) => Held >= WarnFrom(allowed);
}
