using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A time that callers write is the same one on every day and on every machine, or none.</summary>
public sealed class Times_are_read_as_in_RFC_3339
{
    [Theory]
    [InlineData("2025-11-16T02:00:00Z", "2025-11-16T02:00:00.0000000")]
    [InlineData("2026-05-29T06:00:01.5+02:00", "2026-05-29T04:00:01.5000000")]
    [InlineData("2026-05-29t06:00:01z", "2026-05-29T06:00:01.0000000")]
    [InlineData("2026-05-29 06:00:01Z", "2026-05-29T06:00:01.0000000")]
    [InlineData("2026-05-29T06:00:01.123456789Z", "2026-05-29T06:00:01.1234568")]
    [InlineData("2026-05-29T06:00", "2026-05-29T06:00:00.0000000")]
    [InlineData("2026-05-29", "2026-05-29T00:00:00.0000000")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999")]
    public void Such_as(string text, string at)
    {
        Assert.True(Instant.TryParse(text, out var time));
        Assert.Equal((at, TimeSpan.Zero), (time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture), time.Offset));
    }

    [Theory]
    [InlineData("12:00")]
    [InlineData("1/2/2026")]
    [InlineData("2026")]
    [InlineData("2026-5-29")]
    [InlineData("29 May 2026")]
    [InlineData("Friday, 29 May 2026 06:00:00 GMT")]
    [InlineData("2026-05-29T06")]
    [InlineData("2026-05-29T06:00:00 PM")]
    [InlineData("2026-05-29T24:30:00Z")]
    [InlineData("2026-02-30T06:00:00Z")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("2026-05-29T06:00:00Z\n")]
    [InlineData(" 2026-05-29")]
    [InlineData("２０２６-05-29")]
    [InlineData("")]
    public void And_not(string text) => Assert.False(Instant.TryParse(text, out _));

    [Fact]
    public void Whatever_else_is_written()
    {
        var pieces = Gen.Elements("2026-05-29", "0001-01-01", "9999-12-31", "T", " ", "06:00", ":30", ".5", ".9999999999", "Z", "+02:00", "-14:00", "+99:99", "12", "/", "GMT", "PM", "\0", "é");
        Check.QuickThrowOnFailure(Prop.ForAll(pieces.ListOf().Select(string.Concat).ToArbitrary(), text => !Instant.TryParse(text, out var time) || (text.Length >= 10 && time.Offset == TimeSpan.Zero)));
    }
}
