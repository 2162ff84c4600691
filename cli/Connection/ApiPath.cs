using System.Text;

namespace ReactorJobs.Cli.Connection;

/// <summary>Every path that the program calls, spelled once. Names and ids are escaped whole, so <c>saveImage/local</c> stays one segment.</summary>
static class ApiPath
{
    const string Admin = "/jobs/v1/_admin";

    public const string Health = "/health";
    public const string Jobs = $"{Admin}/jobs";
    public const string Events = $"{Admin}/events";
    public const string AllLogs = $"{Admin}/logs";
    public const string Preview = $"{Admin}/schedules/preview";
    public const string AllRuns = "/jobs/v1/runs";
    public const string CancelRuns = "/jobs/v1/runs/cancel";
    public const string ScheduledFunctions = "/jobs/v1/_scheduled_functions";
    public const string Manifest = "/jobs/v1/jobs";
    public const string Functions = "/functions/v1/_admin/functions";
    public const string ApplyResources = "/resources/apply";
    public const string Secrets = "/secrets/v1";

    public const string Refused = $"{Admin}/refused";
    public const string DataDatabases = $"{Admin}/data/databases";
    public const string SqlRoles = $"{Admin}/sql/roles";

    public static string SqlRole(string name) => $"{SqlRoles}/{Segment(name, "a role's name")}";

    public static string Event(string id) => $"{Events}/{Segment(id, "an event's id")}";

    public static string Replay(string eventId) => $"{Event(eventId)}/replay";

    public static string Job(string name) => $"{Jobs}/{Segment(name, "a job's name")}";

    public static string Triggers(string job) => $"{Job(job)}/triggers";

    public static string Trigger(string job, string id) => $"{Triggers(job)}/{Segment(id, "a trigger's id")}";

    public static string Fires(string job, string trigger) => $"{Trigger(job, trigger)}/fires";

    public static string Fire(string job, string trigger) => $"{Trigger(job, trigger)}/fire";

    public static string Rotate(string job, string trigger) => $"{Trigger(job, trigger)}/rotate";

    public static string Deliveries(string job, string trigger) => $"{Trigger(job, trigger)}/deliveries";

    public static string Redeliver(string job, string trigger, string delivery) => $"{Deliveries(job, trigger)}/{Segment(delivery, "a delivery's id")}/redeliver";

    public static string Start(string job) => $"/jobs/v1/{Segment(job, "a job's name")}/trigger";

    public static string Runs(string job) => $"{Job(job)}/runs";

    public static string Run(string id) => $"{AllRuns}/{Segment(id, "a run's id")}";

    public static string Follow(string run) => $"{Run(run)}/follow";

    public static string Cancel(string job, string run) => $"{Runs(job)}/{Segment(run, "a run's id")}/cancel";

    public static string Retry(string job, string run) => $"{Runs(job)}/{Segment(run, "a run's id")}/retry";

    public static string DeadLetters(string job) => $"{Job(job)}/dlq";

    public static string DeadLetter(string job, string id) => $"{DeadLetters(job)}/{Segment(id, "a dead letter's id")}";

    public static string RetryDeadLetter(string job, string id) => $"{DeadLetter(job, id)}/retry";

    public static string RetryDeadLetters(string job) => $"{DeadLetters(job)}/retry";

    public static string Logs(string job) => $"{Job(job)}/logs";

    public static string Function(string name) => $"{Functions}/{Segment(name, "a function's name")}";

    public static string Deployments(string function) => $"{Function(function)}/deployments";

    public static string Promote(string function) => $"{Function(function)}/promote";

    public static string Invoke(string function) => $"/functions/v1/{Segment(function, "a function's name")}";

    /// <summary>A secret's path is a path here, too.</summary>
    public static string Secret(string path) => $"{Secrets}/{string.Join('/', path.Split('/').Select(name => Segment(name, "a secret's path", path)))}";

    /// <summary>Appends what has a value.</summary>
    public static string With(this string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in query)
        {
            if (value is null) continue;
            text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }
        return text.ToString();
    }

    /// <summary>An empty segment or dots would name the collection above: <c>DELETE .../dlq/</c> must not be sent by an empty variable.</summary>
    static string Segment(string value, string what, string? whole = null) =>
        string.IsNullOrWhiteSpace(value) || value is "." or ".."
            ? throw Failure.Usage($"\"{whole ?? value}\" is not {what}")
            : Uri.EscapeDataString(value);
}
