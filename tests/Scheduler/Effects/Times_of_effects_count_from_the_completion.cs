using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Scheduler.Effects;

namespace ReactorJobs.Tests.Scheduler.Effects;

/// <summary><c>now</c> with additions in the order in which they stand, or a time of its own.</summary>
public sealed class Times_of_effects_count_from_the_completion
{
    static readonly DateTimeOffset Now = new(2026, 1, 31, 9, 30, 0, 250, TimeSpan.Zero);

    static readonly Dictionary<string, Func<DateTimeOffset, int, DateTimeOffset>> Verbs = new()
    {
        ["addSeconds"] = (at, n) => at.AddSeconds(n),
        ["addMinutes"] = (at, n) => at.AddMinutes(n),
        ["addHours"] = (at, n) => at.AddHours(n),
        ["addDays"] = (at, n) => at.AddDays(n),
        ["addWeeks"] = (at, n) => at.AddDays(7 * n),
        ["addMonths"] = (at, n) => at.AddMonths(n),
    };

    [Theory]
    [InlineData("now", "2026-01-31T09:30:00.250")]
    [InlineData("now addHours 1", "2026-01-31T10:30:00.250")]
    [InlineData("now addDays 1", "2026-02-01T09:30:00.250")]
    [InlineData("now addDays 7", "2026-02-07T09:30:00.250")]
    [InlineData("now addMinutes 30", "2026-01-31T10:00:00.250")]
    [InlineData("now addWeeks 2 addSeconds 5", "2026-02-14T09:30:05.250")]
    [InlineData("now  addMonths 1 ", "2026-02-28T09:30:00.250")]
    [InlineData("now addMonths 1 addDays 1", "2026-03-01T09:30:00.250")]
    [InlineData("now addDays 1 addMonths 1", "2026-03-01T09:30:00.250")]
    [InlineData("now addDays 0", "2026-01-31T09:30:00.250")]
    [InlineData("2026-02-01T02:00:00Z", "2026-02-01T02:00:00.000")]
    [InlineData("2025-11-16T02:00:00.5+02:00", "2025-11-16T00:00:00.500")]
    [InlineData("2026-02-01T02:00Z", "2026-02-01T02:00:00.000")]
    public void Such_as(string text, string at) =>
        Assert.Equal(at, EffectTime.Parse(text)!.From(Now).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("")]
    [InlineData("Now")]
    [InlineData("now addDays")]
    [InlineData("now addDays one")]
    [InlineData("now addDays -1")]
    [InlineData("now addDays 1.5")]
    [InlineData("now adddays 1")]
    [InlineData("now addYears 1")]
    [InlineData("now + 1d")]
    [InlineData("now addDays 36526")]
    [InlineData("now addMonths 9223372036854775807")]
    [InlineData("now addDays 36000 addMonths 18")]
    [InlineData("2026-02-01")]
    [InlineData("2026-02-01T02:00:00")]
    [InlineData("2026-02-30T02:00:00Z")]
    [InlineData("10:00")]
    public void And_not(string text) => Assert.Null(EffectTime.Parse(text));

    [Fact]
    public void Each_addition_counts_from_the_one_before()
    {
        var steps = from verb in Gen.Elements(Verbs.Keys.ToArray()) from n in Gen.Choose(0, 400) select (verb, n);
        Check.QuickThrowOnFailure(Prop.ForAll(steps.ListOf(3).ToArbitrary(), list =>
            EffectTime.Parse("now" + string.Concat(list.Select(x => $" {x.verb} {x.n}")))!.From(Now) == list.Aggregate(Now, (at, x) => Verbs[x.verb](at, x.n))));
    }

    [Fact]
    public void Whatever_text_stands_there_is_answered() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Elements("now", "addDays", "addMonths", "1", "99999", "-1", "2026-02-01T02:00:00Z", "\0", "Z", "").ListOf().Select(x => string.Join(' ', x)).ToArbitrary(),
        text => EffectTime.Parse(text) is null || EffectTime.Parse(text)!.From(Now) < Now.AddYears(102)));
}
