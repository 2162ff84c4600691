using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Schemas;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.TextSchedules;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>A trigger of kind <c>cron</c> as callers describe it.</summary>
/// <param name="Schedule">When it fires.</param>
/// <param name="Payload">Of each of its runs.</param>
/// <param name="Misfire">For the times that nobody was there for: <c>misfire</c> and <c>misfire_window</c>.</param>
/// <param name="Overlap">One of <see cref="Cron.Overlap.Names"/>.</param>
/// <param name="Jitter">How long after its time a fire may start its run.</param>
public sealed record CronTrigger(CronCalendar Schedule, RawJson Payload, MisfirePolicy Misfire, string Overlap, TimeSpan Jitter) : TriggerRequest(TriggerKinds.Cron)
{
    /// <summary>Of each of its runs.</summary>
    public short Priority { get; init; }

    CronExpression? Expression => Schedule.Times as CronExpression;

    public override JsonObject Settings
    {
        get
        {
            var settings = new JsonObject { [Expression is null ? CronSchedule.TextField : "schedule"] = Expression is { } expression ? Spelled(expression.Text) : Schedule.Times.Text };
            if (Schedule.Zone != CronZone.Utc)
                settings["timezone"] = Schedule.Zone.Id;
            if (Schedule.HasSeconds)
                settings["seconds"] = true;
            if (!Payload.IsNull)
                settings["payload"] = WithoutBlanks(Payload);
            if (Priority != 0)
                settings["priority"] = Priority;
            if (Misfire.Policy != MisfirePolicy.Default.Policy)
                settings["misfire"] = Misfire.Policy;
            if (Misfire.Window != MisfirePolicy.Default.Window)
                settings["misfire_window"] = (long)Misfire.Window.TotalMilliseconds;
            if (Overlap != Cron.Overlap.Allow)
                settings["overlap"] = Overlap;
            if (Jitter > TimeSpan.Zero)
                settings["jitter"] = (long)Jitter.TotalMilliseconds;
            return settings;
        }
    }

    /// <summary>As it is kept.</summary>
    public static CronTrigger Of(string settings)
    {
        using var document = JsonDocument.Parse(settings);
        var fields = new Fields(document.RootElement, "");
        var payload = fields.String("payload");
        var trigger = Read(fields);
        fields.Done();
        return trigger! with { Payload = payload is null ? RawJson.Null : RawJson.Trusted(payload) };
    }

    /// <summary>None where the schedule is wrong, which the fields know then.</summary>
    public static new CronTrigger? Read(Fields fields)
    {
        var schedule = CronSchedule.Read(fields);
        if (schedule is { IsNever: true })
            fields.Wrong(CronSchedule.TextField, "never comes");
        var payload = fields.Payload("payload") ?? RawJson.Null;
        var misfire = new MisfirePolicy(
            fields.OneOf("misfire", required: false, MisfirePolicy.Names) ?? MisfirePolicy.Default.Policy,
            AtMost(fields, "misfire_window", MisfirePolicy.LongestWindow, "366 days") ?? MisfirePolicy.Default.Window);
        var overlap = fields.OneOf("overlap", required: false, Cron.Overlap.Names) ?? Cron.Overlap.Allow;
        var jitter = AtMost(fields, "jitter", Cron.Jitter.Longest, "an hour") ?? TimeSpan.Zero;
        var priority = RunRequest.ReadPriority(fields);
        return schedule is null ? null : new(schedule, payload, misfire, overlap, jitter) { Priority = priority };
    }

    /// <summary>Adds its fields to what the API shows of a trigger.</summary>
    public TriggerView ShownIn(TriggerView view, DateTimeOffset now) => view with
    {
        Schedule = Expression?.Text,
        Text = Expression is null ? Schedule.Times.Text : null,
        Timezone = Schedule.Zone.Id,
        Seconds = Expression is null ? null : Schedule.HasSeconds,
        Payload = Payload,
        Priority = Priorities.Name(Priority),
        Misfire = Misfire.Policy,
        MisfireWindow = Duration.Text(Misfire.Window),
        Overlap = Overlap,
        Jitter = Duration.Text(Jitter),
        Description = CronDescription.Of(Schedule),
        NextFireAt = view.Paused ? null : Schedule.Next(now)?.At,
    };

    /// <summary>What <see cref="Read"/> reads, as a JSON Schema. What a crontab expression, a text and a time zone are, it cannot say.</summary>
    public static JsonObject Schema()
    {
        static JsonObject Text(int longest) => new() { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = longest };
        var expression = Text(CronExpression.LongestText);
        var schedules = CronSchedule.ExpressionFields.Select(x => new SchemaField(x, expression, "When it fires, as in crontab: minute, hour, day of month, month, day of week."));
        var schema = TriggerSchema.OfKind(TriggerKinds.Cron,
        [
            .. schedules,
            new(CronSchedule.TextField, Text(TextSchedule.LongestText), "When it fires, in English as later.js reads it: every 5 mins, at 5:00 pm on monday."),
            new("timezone", JsonSchema.Text(), "A zone of the IANA database; UTC when left out."),
            new("seconds", JsonSchema.Boolean(), "Whether a field for seconds comes first."),
            new("payload", [], "What each of its runs gets."),
            new("priority", new() { ["anyOf"] = new JsonArray(JsonSchema.OneOf(Priorities.Names), JsonSchema.Integer(-Priorities.Most, Priorities.Most)) }, "That of each of its runs."),
            new("misfire", JsonSchema.OneOf(MisfirePolicy.Names), "What becomes of times that nobody was there for."),
            new("misfire_window", Span(MisfirePolicy.LongestWindow), "What is later than this is not made up for."),
            new("overlap", JsonSchema.OneOf(Cron.Overlap.Names), "What a fire does while a run of the same trigger has not ended."),
            new("jitter", Span(Cron.Jitter.Longest), "How long after its time a fire may start its run."),
        ]);
        schema["allOf"]!.AsArray().Add(new JsonObject { ["oneOf"] = JsonSchema.OneOfRequired(CronSchedule.TimesFields) });
        return schema;
    }

    static JsonObject Span(TimeSpan most) => new()
    {
        ["anyOf"] = new JsonArray(
            JsonSchema.Text("^[0-9]{1,15}(\\.[0-9]{1,6})?(ms|s|m|h|d|)$"), JsonSchema.Text("^P"),
            new JsonObject { ["type"] = new JsonArray("number", "null"), ["minimum"] = 0, ["maximum"] = most.TotalMilliseconds }),
    };

    /// <summary>In whole milliseconds, as it is kept.</summary>
    static TimeSpan? AtMost(Fields fields, string name, TimeSpan most, string shown)
    {
        var duration = fields.Duration(name);
        if (duration > most)
            fields.Wrong(name, $"must be at most {shown}");
        return duration is { } exact ? TimeSpan.FromMilliseconds((long)exact.TotalMilliseconds) : null;
    }

    /// <summary>One blank between fields, names in one case.</summary>
    static string Spelled(string text)
    {
        var words = string.Join(' ', text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
        return words.StartsWith('@') ? words.ToLowerInvariant() : words.ToUpperInvariant();
    }

    /// <summary>Nothing but the blanks between its parts is left out: numbers and texts stay as they were given.</summary>
    static string WithoutBlanks(RawJson json)
    {
        var text = new StringBuilder(json.Length);
        var (inText, escaped) = (false, false);
        foreach (var c in json.ToString())
        {
            if (!inText && c is ' ' or '\t' or '\r' or '\n')
                continue;
            text.Append(c);
            inText ^= c == '"' && !escaped;
            escaped = inText && c == '\\' && !escaped;
        }

        return text.ToString();
    }
}
