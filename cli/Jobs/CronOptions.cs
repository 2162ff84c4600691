using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Jobs;

/// <summary>A schedule, for a trigger or a preview.</summary>
sealed class ScheduleOptions
{
    public Option<string> Schedule { get; } = new("--schedule") { Description = "Of a cron trigger, as in crontab.", HelpName = "\"0 * * * *\"" };
    public Option<string> Text { get; } = new("--text") { Description = "Of a cron trigger, in English instead.", HelpName = "\"every 5 mins\"" };
    readonly Option<string> timezone = new("--timezone") { Description = "Of a cron trigger; UTC when not given.", HelpName = "ZONE" };
    readonly Option<bool> seconds = new("--seconds") { Description = "The schedule begins with a field for seconds." };

    public Option[] All => [Schedule, Text, timezone, seconds];

    public void AddTo(JsonObject body, ParseResult given)
    {
        if (given.GetValue(Schedule) is { } cron) body["schedule"] = cron;
        if (given.GetValue(Text) is { } text) body["text"] = text;
        if (given.GetValue(timezone) is { } zone) body["timezone"] = zone;
        if (given.GetValue(seconds)) body["seconds"] = true;
    }
}

/// <summary>What else a cron trigger may be told.</summary>
sealed class CronOptions
{
    readonly Option<string> misfire = new("--misfire") { Description = "Times that nobody was there for: skip, last or all of them fire late.", HelpName = "skip|last|all" };
    readonly Option<string> window = new("--misfire-window") { Description = "What is later than this fires no more; 24h when not given.", HelpName = "DURATION" };
    readonly Option<string> overlap = new("--overlap") { Description = "While a run of the trigger has not ended: allow, skip, queue or cancel_running.", HelpName = "POLICY" };
    readonly Option<string> jitter = new("--jitter") { Description = "Start each run up to so much later.", HelpName = "DURATION" };

    public CronOptions()
    {
        misfire.AcceptOnlyFromAmong("skip", "last", "all");
        overlap.AcceptOnlyFromAmong("allow", "skip", "queue", "cancel_running");
    }

    public Option[] All => [misfire, window, overlap, jitter];

    public void AddTo(JsonObject body, ParseResult given)
    {
        if (given.GetValue(misfire) is { } policy) body["misfire"] = policy;
        if (given.GetValue(window) is { } longest) body["misfire_window"] = Duration("--misfire-window", longest);
        if (given.GetValue(overlap) is { } held) body["overlap"] = held;
        if (given.GetValue(jitter) is { } most) body["jitter"] = Duration("--jitter", most);
    }

    /// <summary>Sent as it was written, after a look that it is one: the server reads the same forms.</summary>
    static JsonNode Duration(string option, string text)
    {
        var span = Durations.Option(option, text);
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            ? JsonValue.Create((long)span.TotalMilliseconds)
            : JsonValue.Create(text.Trim());
    }
}
