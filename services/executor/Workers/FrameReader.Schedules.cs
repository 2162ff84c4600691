using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Workers;

/// <summary>What a handler schedules, and what it asks about it.</summary>
public static partial class FrameReader
{
    const int MostSchedules = 1000;

    static List<ScheduledStart>? Schedules(FrameFields fields, RunId run, string key)
    {
        if (!fields.Has("schedules"))
            return null;
        var schedules = new List<ScheduledStart>();
        foreach (var one in Objects(fields, "schedules", MostSchedules))
        {
            var reader = new Utf8JsonReader(one.Bytes, Options);
            reader.Read();
            schedules.Add(Schedule(new FrameFields(one.Bytes, ref reader, new FrameFields.Slice[FrameFields.Names.Length], one.At), run, key));
        }

        return schedules;
    }

    static ScheduledStart Schedule(FrameFields fields, RunId run, string key)
    {
        var index = (int)fields.Whole("index", 0, MostSchedules - 1);
        var id = AttemptMessages.ScheduledRunOf(run, key, index);
        // The handler knows the id before it is committed: one that it has made in another way would be nobody's.
        if (!RunId.TryParse(fields.Text("id", 64), out var told) || told != id)
            throw fields.Wrong("id", $"must be {id}, which follows from the run, the key and the index");
        var job = fields.Text("job", 128);
        if (!Hosting.Http.HandlerName.Fits(job))
            throw fields.Wrong("job", Hosting.Http.HandlerName.Rule);
        var at = fields.Time("run_at");
        if (at is not null && fields.Has("delay_ms"))
            throw fields.Wrong("delay_ms", "cannot stand beside run_at");
        return new(id, job, fields.Json("args"), at, fields.Milliseconds("delay_ms", LongestMs) ?? 0);
    }

    static AskFrame Ask(FrameFields fields, long id, RunId run, int epoch)
    {
        var what = fields.Text("what", 100);
        if (!Questions.All.Contains(what))
            throw fields.Wrong("what", $"must be one of {string.Join(", ", Questions.All)}");
        return new(id, run, epoch, what, what == Questions.ScheduledList ? "" : fields.Text("of", 256))
        {
            Bytes = fields.Has("bytes") ? fields.Whole("bytes", 0, long.MaxValue) : 0,
            Most = fields.Has("limit") ? (int)fields.Whole("limit", 1, AskFrame.MostListed) : AskFrame.MostListed,
        };
    }
}
