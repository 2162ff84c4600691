namespace ReactorJobs.Contracts;

/// <summary>
/// An event to store and to hand to its subscribers, each once per event id. Any service may publish it onto the bus.
/// </summary>
/// <param name="Topic">Exact and case-sensitive.</param>
/// <param name="Source">The run that emitted it, where it was a run.</param>
public sealed record EventEmitted(string OrgId, EventId EventId, string Topic, RawJson Payload, DateTimeOffset EmittedAt, RunId? Source = null);
