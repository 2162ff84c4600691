using System.Globalization;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.TextSchedules;

namespace ReactorJobs.Tests.Cron;

/// <summary>Generated texts against npm's <c>@breejs/later</c>. Where the two may differ is written down here, and in docs/schedules.md.</summary>
public sealed class Texts_are_read_as_later_reads_them(Later later) : IClassFixture<Later>
{
    // Its years end with 2099, and its leap years go on being every fourth.
    static readonly long End = new DateTimeOffset(TextSchedule.End, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public void They_are_refused_where_it_refuses_them()
    {
        var differences = later.Read.Where(x => x.Answer.Throws is null).Select(x => (x.Case, Its: x.Answer.RefusedAt, Ours: RefusedAt(x.Case)))
            .Where(x => x.Its != x.Ours).Select(x => $"\"{x.Case.Text}\": it {x.Its}, ours {x.Ours}").ToArray();

        Assert.True(differences.Length == 0, $"{differences.Length} differences\n{string.Join('\n', differences.Take(20))}");
        Assert.InRange(later.Read.Count(x => x.Answer.RefusedAt is not null), TextCase.Total / 10, TextCase.Total / 2);
    }

    /// <summary>A text that ends with <c>also</c>, a second <c>except</c>, <c>starting</c> after what is no period.</summary>
    [Fact]
    public void They_are_refused_where_it_throws()
    {
        var thrown = later.Read.Where(x => x.Answer.Throws is not null).ToArray();
        var taken = thrown.Where(x => RefusedAt(x.Case) is null).Select(x => $"\"{x.Case.Text}\": {x.Answer.Throws}").ToArray();

        Assert.True(taken.Length == 0, $"{taken.Length} taken\n{string.Join('\n', taken.Take(20))}");
        Assert.InRange(thrown.Length, 1, TextCase.Total / 20);
    }

    [Fact]
    public void They_come_when_it_says()
    {
        var compared = Accepted.Select(x => (x.Case, Its: Shown(x.Answer), Ours: Shown(TextSchedule.Parse(x.Case.Text).From(x.Case.From), x.Answer))).ToArray();
        var differences = compared.Where(x => x.Its != x.Ours).Select(x => $"\"{x.Case.Text}\" from {x.Case.From:s}\n  it   {x.Its}\n  ours {x.Ours}").ToArray();

        Assert.True(differences.Length == 0, $"{differences.Length} differences\n{string.Join('\n', differences.Take(20))}");
        Assert.InRange(compared.Sum(x => x.Its.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length), TextCase.Total * 2, int.MaxValue);
    }

    /// <summary>
    /// A fire is asked for from the one before, not from where the first one was. That comes to the same but where a value is said after a greater
    /// one, as such a one is found only from within.
    /// </summary>
    [Fact]
    public void They_fire_when_it_says()
    {
        var differences = Accepted.Where(x => x.Answer.Ascends).Select(x => (x.Case, Its: Shown(x.Answer), Ours: Shown(Fires(x.Case), x.Answer)))
            .Where(x => x.Its != x.Ours).Select(x => $"\"{x.Case.Text}\" from {x.Case.From:s}\n  it   {x.Its}\n  ours {x.Ours}").ToArray();

        Assert.True(differences.Length == 0, $"{differences.Length} differences\n{string.Join('\n', differences.Take(20))}");
    }

    static IEnumerable<DateTime> Fires(TextCase given)
    {
        var (calendar, from) = (new CronCalendar(TextSchedule.Parse(given.Text), CronZone.Utc), new DateTimeOffset(given.From, TimeSpan.Zero));
        return Enumerable.Repeat(given.From, calendar.Times.HoldingAt(given.From)).Concat(calendar.Between(from.AddTicks(-1), DateTimeOffset.MaxValue).Select(x => x.At.UtcDateTime));
    }

    IEnumerable<(TextCase Case, LaterAnswer Answer)> Accepted => later.Read.Where(x => x.Answer.Times is not null);

    static int? RefusedAt(TextCase given)
    {
        try
        {
            TextSchedule.Parse(given.Text);
            return null;
        }
        catch (CronException exception)
        {
            Assert.Equal(exception.Text, given.Text.Substring(exception.Position - 1, exception.Text.Length));
            return given.PlaceForLater(exception.Position - 1);
        }
    }

    static string Shown(LaterAnswer answer) => Shown(answer.Times!.Where(x => x < End));

    static string Shown(IEnumerable<DateTime> ours, LaterAnswer its) =>
        Shown(ours.Take(its.Lost ? its.Times!.Length : Later.Count).Select(x => new DateTimeOffset(x, TimeSpan.Zero).ToUnixTimeMilliseconds()));

    static string Shown(IEnumerable<long> times) => string.Join(' ', times.Select(x => DateTimeOffset.FromUnixTimeMilliseconds(x).ToString("yyyy-MM-ddTHH:mm:ss.FFF", CultureInfo.InvariantCulture)));
}
