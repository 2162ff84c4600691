using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Effects;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler.Effects;

/// <summary>No result, whatever it holds in place of an effect, gets anything but what it asks for, or the documented failure that names the place.</summary>
public sealed class Whatever_a_result_holds_is_answered
{
    const string LongName = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz";

    static readonly DateTimeOffset Now = ManualTime.Start;
    static readonly RunId Id = new(new Guid(1, 0, 0, new byte[8]));

    static readonly string[] Names =
        ["effect", "effects", "definition", "at", "parameters", "Effect", "effect ", "to", "definition\\u0000", "\\ud83d", "\\u0065ffect", "", "a/b~c", LongName];

    static readonly string[] Values =
    [
        "null", "true", "0", "1e999999", "[]", "{}", "[[]]", "{\"n\": 1.0}", "{\"a\": \"\\u0000\", \"a\": \"\\ud83d\"}", "{\"\\ud83d\": 1}", "\"\"", "\"scheduleJob\"", "\"schedulejob\"", "\"sendEmail\"", "\"\\u0000\"",
        "\"\\ud83d\"", "\"nightly\"", "\"saveImage/local\"", "\"gone\"", "\"run s\"", "\"../nightly\"", $"\"{LongName}\"", "\"now\"", "\"now addDays 1\"", "\"now addDays\"", "\"now addDays 99999999999999999999\"",
        "\"now addMonths 1178 addDays 0\"", "\"now addSeconds 3155760000\"", "\"2026-02-01T02:00:00Z\"", "\"0001-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59.9999999Z\"",
        "\"9999-12-31T23:59:59-14:00\"", "\"12:00\"", "\"\\u06f12026-02-01T02:00:00Z\"",
    ];

    static readonly string[] Definitions = ["nightly", "saveImage/local"];

    static Gen<string> Effect { get; } =
        from good in Gen.Elements(
            "\"effect\": \"scheduleJob\", \"definition\": \"nightly\", \"at\": \"now addDays 1\", \"parameters\": {}", "\"effect\": \"scheduleJob\", \"definition\": \"saveImage/local\", \"at\": \"now\"",
            "\"effect\": \"scheduleJob\", \"definition\": \"nightly\"", "\"effect\": \"scheduleJob\"", "\"done\": 1")
        from count in Gen.Frequency((3, Gen.Constant(0)), (3, Gen.Constant(1)), (1, Gen.Choose(2, 4)))
        from fields in Field.ListOf(count)
        from first in Gen.Elements(true, false)
        select "{" + string.Join(", ", first ? fields.Prepend(good) : fields.Append(good)) + "}";

    static Gen<string> Field { get; } = from name in Gen.Elements(Names) from value in Gen.Elements(Values) select $"\"{name}\": {value}";

    static Gen<string> Result { get; } = Gen.Frequency(
        (4, Effect),
        (3, Gen.Choose(1, 4).SelectMany(count => Gen.Frequency((5, Effect), (1, Gen.Elements(Values))).ListOf(count)).Select(x => $"[{string.Join(", ", x)}]")),
        (3, Gen.Choose(0, 3).SelectMany(count => Effect.ListOf(count)).SelectMany(x => Field.Select(field => $"{{{field}, \"effects\": [{string.Join(", ", x)}]}}"))),
        (1, Gen.Elements(Values)),
        (1, Gen.Choose(99, 102).Select(count => $"[{string.Join(',', Enumerable.Repeat("""{"effect":"scheduleJob","definition":"nightly","at":"now"}""", count))}]")),
        (1, Gen.Choose(1, 64).Select(depth => $"{{\"effect\": {new string('[', depth)}{new string(']', depth)}}}")));

    [Fact]
    public void With_the_jobs_that_it_asks_for_or_with_invalid_effect()
    {
        var (asked, nothing, refused) = (0, 0, 0);
        Prop.ForAll(Result.ToArbitrary(), result =>
        {
            var outcome = new AttemptFinished(Given.Org, Id, Given.JobName, 1, AttemptOutcomes.Completed, RawJson.Trusted(result), null, false, null, Now, Now);
            switch (EffectConclusion.Of(Given.Run(), outcome, Now, Find))
            {
                case AttemptConclusion.Complete complete:
                    Interlocked.Increment(ref complete.Follows.Count > 0 ? ref asked : ref nothing);
                    // What the group locks before it knows whether the result counts is what it then writes.
                    var keys = EffectKeys.Of(outcome);
                    return complete.Follows.All(IsSound) && complete.Follows.Select(x => x.RunId).SequenceEqual(keys?.Runs.Select(x => x.Id) ?? [])
                        && complete.Follows.Select(x => x.Job.Name).SequenceEqual(keys?.Jobs.Select(x => x.Name) ?? []);
                case AttemptConclusion.Bury { Error: var error }:
                    Interlocked.Increment(ref refused);
                    return error is { Name: "InvalidEffect", Code: "invalid_effect", Stack: null } && IsDocumented(error.Message) && JsonSerializer.Deserialize<RunError>(JsonSerializer.Serialize(error)) == error;
                default:
                    return false;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000).WithReplay(1_234_567_891, 987_654_321));
        Assert.True(asked > 500 && nothing > 250 && refused > 2_500, $"{asked} asked for jobs, {nothing} for nothing, {refused} were refused");
    }

    static Job? Find(JobKey key) => Definitions.Contains(key.Name) ? Given.Job(key.OrgId, key.Name) : null;

    static bool IsSound(AcceptRun run)
    {
        using var parameters = JsonDocument.Parse(run.Payload.Utf8);
        return run is { OrgId: Given.Org, RunAt: not null } && Definitions.Contains(run.Job.Name) && parameters.RootElement.ValueKind == JsonValueKind.Object;
    }

    /// <summary>A place and a rule, short, in one line; nothing of how it is found out.</summary>
    static bool IsDocumented(string message) =>
        message.Length is > 10 and < 500 && !message.Any(char.IsControl) && !message.Contains("Exception", StringComparison.Ordinal) && !message.Contains("System.", StringComparison.Ordinal)
        && (message.StartsWith('/') || message.StartsWith("The result must ", StringComparison.Ordinal) || message.StartsWith("a text of the result ", StringComparison.Ordinal));
}
