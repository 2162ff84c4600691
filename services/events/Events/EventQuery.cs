using Microsoft.AspNetCore.Http;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Schema;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Events.Events;

/// <summary>Which events to list: newest first, by id, so that a page begins where the one before it ended whatever has come in since.</summary>
sealed record EventQuery(string? Topic, bool? Consumed, DateTimeOffset? Since, EventId? Before, int Limit)
{
    public static EventQuery Read(HttpContext http)
    {
        var (limit, cursor) = Paging.Read(http);
        var errors = new List<InputError>();
        bool? consumed = null;
        if (Given("status") is { } status)
        {
            consumed = status == "consumed";
            if (status is not ("consumed" or "unconsumed"))
                errors.Add(new("status", "must be one of consumed, unconsumed"));
        }

        DateTimeOffset? since = null;
        if (Given("since") is { } sinceText)
        {
            if (Instant.TryParse(sinceText, out var time))
                since = time;
            else
                errors.Add(new("since", Instant.Rule));
        }

        EventId? before = null;
        if (cursor is not null)
        {
            if (EventId.TryParse(cursor, out var id))
                before = id;
            else
                errors.Add(new("cursor", "must be what a Link header gave"));
        }

        var topic = Given("topic");
        if (topic is not null && EventTopic.Flaw(topic) is { } flaw)
            errors.Add(new("topic", flaw));
        return errors.Count == 0 ? new(topic, consumed, since, before, limit) : throw new ProblemException(Problem.Invalid(errors));

        string? Given(string name) => http.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;
    }

    /// <summary>One more than the limit, which tells whether there is a next page.</summary>
    public IQueryable<EventRow> Apply(IQueryable<EventRow> events)
    {
        if (Topic is not null)
            events = events.Where(x => x.Topic == Topic);
        if (Consumed is true)
            events = events.Where(x => x.Deliveries > 0);
        if (Consumed is false)
            events = events.Where(x => x.Deliveries == 0);
        if (Since is { } since)
            events = events.Where(x => x.EmittedAt >= since);
        if (Before is { Value: var before })
            events = events.Where(x => x.Id.CompareTo(before) < 0);
        return events.OrderByDescending(x => x.Id).Take(Limit + 1);
    }
}
