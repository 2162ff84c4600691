using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Reaction;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler.Reaction;

/// <summary>No type, schedule or field of a plugin's job, however malformed, gets anything but a job, or the refusal that names the field.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Whatever_a_plugin_asks_for_is_answered(PostgresServer server)
{
    static readonly string[] Names = ["type", "data", "retry", "priority", "schedule", "cancelRepeats", "cancel_repeats", "Type", "retries", "\\u0000", "\\ud83d", ""];

    static readonly string[] Values =
    [
        "null", "true", "false", "0", "7", "-100", "101", "1.5", "1e400", "99999999999999999999", "[]", "{}", "[[1]]", "\"\"", "\"\\u0000\"", "\"\\ud83d\"", "\"😀\"", "\"low\"", "\"Critical\"", "\"urgent\"",
        "\"saveImage/local\"", "\"save image\"", "\"runs\"", "\"../a\"", "\"every day\"", "\"every day \"", "\"every 5 mins\"", "\"every fortnight\"", "\"on the 30 day of february\"", "\"every day\\u0000\"", "\"every \\ud83d\"",
        "\"* * * * *\"", "\"0 25 * * *\"", "\"@daily\"", "\"@reboot\"", "\"@5:00\"", "\"?\"", "{\"retries\": 5, \"wait\": 60000, \"backoff\": \"exponential\"}", "{\"retries\": -1}", "{\"retries\": 1e3}",
        "{\"wait\": 604800001}", "{\"backoff\": \"sometimes\"}", "{\"backoff\": \"\\ud83d\"}", "{\"wait\": \"1\"}", "{\"times\": 1}", "{\"a\": \"\\ud83d\", \"a\": 1}",
    ];

    [Fact]
    public void With_a_job_or_with_what_is_wrong()
    {
        var field = from name in Gen.Elements(Names) from value in Gen.Elements(Values) select $"\"{name}\": {value}";
        var jobs =
            from good in Gen.Elements("\"type\": \"someUniqueJobType\"", "\"type\": \"a\", \"schedule\": \"every day\"", "\"data\": {}", "\"type\": \"saveImage/local\", \"retry\": {\"retries\": 5}")
            from count in Gen.Choose(0, 3)
            from fields in field.ListOf(count)
            select "{" + string.Join(", ", fields.Prepend(good)) + "}";
        var (taken, refused) = (0, 0);
        Prop.ForAll(jobs.ToArbitrary(), job =>
        {
            try
            {
                var fields = new Fields(RequestBody.Parse(Encoding.UTF8.GetBytes(job)), "");
                var request = ReactionJobRequest.Read(fields);
                fields.Done();
                Interlocked.Increment(ref taken);
                return JobName.Fault(request.Type) is null && request.Priority is >= -Priorities.Most and <= Priorities.Most && request.Schedule is not { Schedule.IsNever: true }
                    && (request.Retry?.DelayAfter(request.Retry.MaxAttempts - 1, null, 0.5) ?? TimeSpan.Zero) <= TimeSpan.FromMilliseconds(JobRequest.LongestDelayMs);
            }
            catch (ProblemException exception)
            {
                Interlocked.Increment(ref refused);
                return exception.Problem is { Status: 400, Code: "invalid_request", Errors: { Count: > 0 } errors } && errors.All(x => x.Pointer.StartsWith('/') && x.Detail.Length is > 5 and < 500);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000).WithReplay(1_234_567_891, 987_654_321));
        Assert.True(taken > 250 && refused > 1_000, $"{taken} were taken, {refused} refused");
    }

    /// <summary>Which schedules a plugin means is decided here, which runs by the database: both by the same rule.</summary>
    [Fact]
    public async Task With_the_jobs_whose_data_hold_what_it_names()
    {
        await using var database = await Database.Make(server);
        var scalars = Gen.Elements("1", "1.0", "10e-1", "2", "1e400", "null", "true", "false", "\"\"", "\"a\"", "\"\\u0061\"", "\"é\"", "\"\\u00e9\"", "\"😀\"", "\"\\ud83d\\ude00\"");
        var documents = Gen.Sized(size => Nested(scalars, Math.Min(size, 3)));
        var pairs = documents.Two().Sample(1_500, 12).Concat(documents.SelectMany(x => Part(x).Select(part => (x, part))).Sample(1_500, 12))
            // A list may hold a bare value in the database, which is its exception to its own rule.
            .Where(x => x.Item1[0] != '[' || x.Item2[0] is '[' or '{').ToArray();
        var its = await database.Service.InOrg(Given.Org, async connection =>
        {
            await using var command = new NpgsqlCommand("select array_agg(as_jsonb(a) @> as_jsonb(b) order by i) from unnest($1, $2) with ordinality x (a, b, i)", connection)
            { Parameters = { new() { Value = pairs.Select(x => x.Item1).ToArray() }, new() { Value = pairs.Select(x => x.Item2).ToArray() } } };
            return (bool[])(await command.ExecuteScalarAsync())!;
        });
        var apart = pairs.Zip(its).Where(x => DataMatch.Holds(JsonDocument.Parse(x.First.Item1).RootElement, JsonDocument.Parse(x.First.Item2).RootElement) != x.Second).Select(x => $"{x.First}: {x.Second}").ToArray();
        Assert.True(apart.Length == 0, $"{apart.Length} of {pairs.Length}\n{string.Join('\n', apart.Take(20))}");
        Assert.InRange(its.Count(x => x), pairs.Length / 10, pairs.Length * 9 / 10);
    }

    [Theory]
    [InlineData("""{"a": "\ud83d", "b": 1}""", """{"b": 1}""", true)]
    [InlineData("""{"a": "\ud83d"}""", """{"a": "\ud83d"}""", false)]
    [InlineData("""{"\ud83d": 1}""", """{"\ud83d": 1}""", false)]
    [InlineData("""["\ud83d", 2]""", "[2]", true)]
    [InlineData("\"\\ud83d\"", "\"a\"", false)]
    public void What_is_no_text_is_the_same_as_nothing(string whole, string part, bool holds) =>
        Assert.Equal(holds, DataMatch.Holds(JsonDocument.Parse(whole).RootElement, JsonDocument.Parse(part).RootElement));

    static Gen<string> Nested(Gen<string> scalars, int depth) => depth == 0 ? scalars : Gen.Frequency(
        (2, scalars),
        (3, Gen.Choose(0, 3).SelectMany(count => Nested(scalars, depth - 1).ListOf(count)).Select(x => $"[{string.Join(',', x)}]")),
        (4, Gen.Choose(0, 3).SelectMany(count => Gen.Elements("a", "b", "\\u0061", "é").Zip(Nested(scalars, depth - 1)).ListOf(count)).Select(x => $"{{{string.Join(',', x.Select(y => $"\"{y.Item1}\":{y.Item2}"))}}}")));

    /// <summary>The same with some of it left out.</summary>
    static Gen<string> Part(string document)
    {
        var element = JsonDocument.Parse(document).RootElement;
        return element.ValueKind switch
        {
            JsonValueKind.Object => Some(element.EnumerateObject().Select(x => Part(x.Value.GetRawText()).Select(part => $"{JsonSerializer.Serialize(x.Name)}:{part}"))).Select(x => $"{{{x}}}"),
            JsonValueKind.Array => Some(element.EnumerateArray().Select(x => Part(x.GetRawText()))).Select(x => $"[{x}]"),
            _ => Gen.Constant(document),
        };
    }

    static Gen<string> Some(IEnumerable<Gen<string>> parts) =>
        parts.Select(part => Gen.OneOf(part, part, Gen.Constant(""))).Aggregate(Gen.Constant(""), (all, part) => all.SelectMany(x => part.Select(y => x.Length == 0 ? y : y.Length == 0 ? x : $"{x},{y}")));
}
