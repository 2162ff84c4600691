using ReactorJobs.Tests.Torture.Workload;

namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>What a committed step has emitted comes once to each subscriber, and nothing else does.</summary>
static class EventPromises
{
    public const string Committed = "what is committed is emitted, once";
    public const string Delivered = "an event comes once to each subscriber";
    public const string Nothing = "nothing else is emitted or delivered";
    public const string Complete = "a completed run has emitted all that it had to";

    public static IEnumerable<Violation> Check(History history)
    {
        var emitted = history.Entries.SelectMany(x => x.Topics.Select(topic => (x.Org, x.Run, topic))).CountBy(x => x).ToDictionary();
        var stored = history.Events.CountBy(x => (x.Org, x.Run ?? "nobody", x.Topic)).ToDictionary();
        foreach (var (key, count) in emitted)
            if (stored.GetValueOrDefault(key) is var events && events != count)
                yield return new(Committed, $"{key.Run} has committed {count} of {key.topic}, and {events} are stored");
        foreach (var (key, count) in stored)
            if (!emitted.ContainsKey(key))
                yield return new(Nothing, $"{count} of {key.Topic} are stored for {key.Item2}, which has committed none");

        var outputs = history.Entries.ToLookup(x => (x.Org, x.Run, x.Key), x => x.Output);
        foreach (var row in history.Events)
            if (!outputs[(row.Org, row.Text("run") ?? "", "step:" + row.Text("step"))].Contains($"\"{row.Text("nonce")}\""))
                yield return new(Nothing, $"an event of {row.Topic} is of an attempt at {row.Text("step")} of {row.Text("run")} that was not committed");

        foreach (var violation in Deliveries(history))
            yield return violation;
        foreach (var violation in AllThatItHadTo(history, emitted))
            yield return violation;
    }

    static IEnumerable<Violation> Deliveries(History history)
    {
        var heard = history.Runs.Where(x => x.TriggerKind == "event").CountBy(x => (x.Org, x.Job, Fields.Origin(x.Text))).ToDictionary();
        var wanted = new HashSet<(string, string, string)>();
        foreach (var row in history.Events)
            foreach (var job in Catalogue.Subscribers.GetValueOrDefault(row.Topic) ?? [])
            {
                var key = (row.Org, job, Fields.Origin(row.Text));
                if (wanted.Add(key) && heard.GetValueOrDefault(key) is var runs && runs != 1)
                    yield return new(Delivered, $"{Fields.Origin(row.Text)} of {row.Topic} has started {runs} runs of {job}");
            }

        foreach (var key in heard.Keys.Where(x => !wanted.Contains(x)))
            yield return new(Nothing, $"{key.Item3} has started {key.Job}, and there is no such event");
    }

    static IEnumerable<Violation> AllThatItHadTo(History history, Dictionary<(string Org, string Run, string Topic), int> emitted)
    {
        var items = history.Items.ToDictionary(x => (x.Org, x.Key));
        foreach (var run in history.Runs.Where(x => x.Status == "completed" && x.TriggerKind == "manual"))
            if (items.TryGetValue((run.Org, run.Text("key") ?? ""), out var item))
                foreach (var (topic, count) in item.Expected.Topics.CountBy(x => x))
                    if (emitted.GetValueOrDefault((run.Org, run.Id, topic)) is var found && found != count)
                        yield return new(Complete, $"{run.Id} of {run.Job} is completed and has emitted {found} of {topic} instead of {count}");
    }
}
