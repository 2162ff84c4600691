namespace ReactorJobs.Ingress.Webhooks.Deliveries;

/// <summary>How many refused deliveries of a trigger are kept in a minute: anybody can send them, and one tells as much as a thousand.</summary>
public sealed class RefusalAllowance(TimeProvider time)
{
    public const int PerMinute = 30;

    readonly Lock gate = new();
    readonly Dictionary<(string Org, string Trigger), int> kept = [];
    long minute;

    public bool TryTake(string orgId, string triggerId)
    {
        lock (gate)
        {
            var now = time.GetUtcNow().ToUnixTimeSeconds() / 60;
            if (now != minute)
            {
                kept.Clear();
                minute = now;
            }

            var count = kept.GetValueOrDefault((orgId, triggerId));
            kept[(orgId, triggerId)] = count + 1;
            return count < PerMinute;
        }
    }
}
