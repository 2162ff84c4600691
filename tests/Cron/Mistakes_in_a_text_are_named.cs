using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.TextSchedules;

namespace ReactorJobs.Tests.Cron;

/// <summary>A text in English is a schedule, or is refused with a place in it; nothing else comes of it, whatever stands there.</summary>
public sealed class Mistakes_in_a_text_are_named
{
    static readonly string[] Pieces =
    [
        "every", "at", "on", "on the", "after", "before", "between", "through", "and", "also", "except", "starting", "last", "first", "weekday", "weekend", "day", "mins", "5", "31", "99999999999", "5:00", "25:00", "pm", "mon",
        "feb", "2026", ",", "-", "@", "th", " ", "  ", "\t", "\n", "\0", "é", "😀", "\ud83d", "١", "\u200b", "EVERY", "day of the", "instance",
    ];

    static readonly DateTime Friday = new(2026, 3, 6);

    static Gen<string> Text { get; } = Gen.Frequency(
        (1, Gen.Elements(Pieces).ListOf().Select(x => string.Join(' ', x))),
        (1, Gen.Elements(Pieces).ListOf(6).Select(string.Concat)),
        (4, Mutated(Gen.Elements(TextCase.All().Where(x => x.Text.Length > 0).Select(x => x.Text).Take(2_000).ToArray()))),
        (1, ArbMap.Default.GeneratorFor<string>().Select(x => x ?? "")));

    [Fact]
    public void In_any_text()
    {
        var (taken, refused) = (0, 0);
        Prop.ForAll(Text.ToArbitrary(), text =>
        {
            try
            {
                var schedule = TextSchedule.Parse(text);
                Interlocked.Increment(ref taken);
                // What is taken is kept in one spelling, which means the same.
                return TextSchedule.Parse(schedule.Text).Text == schedule.Text && !(schedule.First(Friday, Friday.AddDays(1)) < Friday);
            }
            catch (CronException mistake)
            {
                Interlocked.Increment(ref refused);
                return mistake.Position >= 1 && mistake.Position - 1 + mistake.Text.Length <= text.Length && mistake.Message.Length is > 0 and < 700 && !mistake.Message.Any(char.IsControl);
            }
        }).Check(Expressions.Config.WithMaxTest(5_000));
        Assert.True(taken > 500 && refused > 1_500, $"{taken} were taken, {refused} refused");
    }

    /// <summary>A good text with at most one character replaced or left out.</summary>
    static Gen<string> Mutated(Gen<string> good) =>
        from text in good
        from at in Gen.Choose(0, text.Length - 1)
        from with in Gen.Elements("", " ", "x", "0", "-", ",", "\0", "é", "\ud83d", text[at..(at + 1)], text[at..(at + 1)], text[at..(at + 1)])
        select text[..at] + with + text[(at + 1)..];
}
