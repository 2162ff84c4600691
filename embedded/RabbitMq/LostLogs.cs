using System.Text;

namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>
/// Whether a kill has cost quorum queues their logs. RabbitMQ gives each queue's log a folder at once, and writes down which queue has which folder
/// about a second later. Killed in between, it would start the queue on an empty log, in which it does not even know that it is alone: the queue
/// would wait for other members to elect a leader, for good, and so would everybody who uses it.
/// </summary>
static class LostLogs
{
    const string Names = "names.dets";

    /// <param name="node">The node's folder of data; nothing runs on it any more.</param>
    public static bool IsAny(string node)
    {
        var quorum = Path.Combine(node, "quorum", BrokerSettings.NodeName);
        if (!Directory.Exists(quorum)) return false;
        var logs = Directory.GetDirectories(quorum).Select(Path.GetFileName).OfType<string>().ToList();
        if (logs.Count == 0) return false;

        // A hash table on disk, with the names of the folders in it as they are.
        var names = Path.Combine(quorum, Names);
        if (!File.Exists(names)) return true;
        var known = File.ReadAllBytes(names).AsSpan();
        foreach (var log in logs)
            if (known.IndexOf(Encoding.UTF8.GetBytes(log)) < 0) return true;
        return false;
    }
}
