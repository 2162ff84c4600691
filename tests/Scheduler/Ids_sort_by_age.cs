using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Ids are ULIDs: one spelling each, in the order of their making as text, as bytes and in the database.</summary>
public sealed class Ids_sort_by_age
{
    readonly ManualTime time = new();

    [Fact]
    public void Text_and_back()
    {
        var random = new Random(1);
        for (var i = 0; i < 1_000; i++)
        {
            var bytes = new byte[16];
            random.NextBytes(bytes);
            var id = new Guid(bytes, bigEndian: true);
            var text = Ulid.Format("run_", id);
            Assert.True(Ulid.TryParse("run_", text, out var read));
            Assert.Equal((id, 30), (read, text.Length));
        }
    }

    [Theory]
    [InlineData("00000000000000000000000000", "00000000-0000-0000-0000-000000000000")]
    [InlineData("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "ffffffff-ffff-ffff-ffff-ffffffffffff")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAV", "01563e3a-b5d3-d676-4c61-efb99302bd5b")] // the specification's own
    public void Known_ones(string text, string id)
    {
        Assert.Equal(text, Ulid.Format("", Guid.Parse(id)));
        Assert.True(Ulid.TryParse("", text, out var read));
        Assert.Equal(Guid.Parse(id), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("run_")]
    [InlineData("evt_01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    [InlineData("run_01ARZ3NDEKTSV4RRFFQ69G5FA")]
    [InlineData("run_01ARZ3NDEKTSV4RRFFQ69G5FAVX")]
    [InlineData("run_01arz3ndektsv4rrffq69g5fav")]
    [InlineData("run_01ARZ3NDEKTSV4RRFFQ69G5FAI")] // I, L, O and U are not of the alphabet
    [InlineData("run_81ARZ3NDEKTSV4RRFFQ69G5FAV")] // more than 128 bits
    [InlineData("run_01ARZ3NDEKTSV4RRFFQ69G5FA ")]
    public void Anything_else_is_none(string text) => Assert.False(RunId.TryParse(text, out _));

    [Fact]
    public void They_hold_the_millisecond_of_their_making()
    {
        time.Advance(TimeSpan.FromMilliseconds(1.9));
        Assert.Equal(ManualTime.Start.AddMilliseconds(1), Ulid.TimeOf(new IdSource(time).Next()));
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xff)] // the dice as high as they go still leave room to count
    public void Within_a_millisecond_they_still_ascend(byte dice)
    {
        var ids = new IdSource(time, bytes => Array.Fill(bytes, dice));
        var made = Enumerable.Range(0, 5_000).Select(_ => ids.NewRun()).ToArray();
        Assert.Equal(made.Order(), made);
        Assert.Equal(made.Select(x => x.ToString()).Order(StringComparer.Ordinal), made.Select(x => x.ToString()));
        Assert.Equal(made.Length, made.Distinct().Count());
        Assert.All(made, id => Assert.Equal(ManualTime.Start, Ulid.TimeOf(id.Value)));
    }

    [Fact]
    public void A_clock_that_goes_back_makes_none_that_go_back()
    {
        var ids = new IdSource(time);
        var before = ids.Next();
        time.Advance(TimeSpan.FromSeconds(-5));
        Assert.True(ids.Next().CompareTo(before) > 0);
    }

    [Fact]
    public void What_follows_from_a_parent_has_one_id_and_the_parents_age()
    {
        var parent = new IdSource(time).Next();
        Assert.Equal(IdSource.Derive(parent, "emit:0"), IdSource.Derive(parent, "emit:0"));
        Assert.NotEqual(IdSource.Derive(parent, "emit:0"), IdSource.Derive(parent, "emit:1"));
        Assert.NotEqual(IdSource.Derive(parent, "emit:0"), IdSource.Derive(new IdSource(time).Next(), "emit:0"));
        Assert.Equal(ManualTime.Start, Ulid.TimeOf(IdSource.Derive(parent, "emit:0")));
    }
}
