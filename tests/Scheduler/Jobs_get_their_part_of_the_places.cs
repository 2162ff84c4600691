using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>How many waiting runs a group picks up of each job: what fair turns would give it, and one for the last place; not all that wait.</summary>
public sealed class Jobs_get_their_part_of_the_places
{
    [Fact]
    public void One_alone_gets_all_of_them() => Assert.Equal([(20, 21)], Parts(20, Waits(1000)));

    [Fact]
    public void A_hundred_equal_ones_get_equal_parts() => Assert.All(Parts(200, [.. Enumerable.Repeat(Waits(1000), 100)]), x => Assert.Equal((200, 3), x));

    [Fact]
    public void Each_has_one_at_hand_when_there_are_fewer_places_than_jobs()
    {
        var parts = Parts(3, [.. Enumerable.Repeat(Waits(9), 10)]);
        Assert.Equal(3 + 10, parts.Sum(x => x.Part));
        Assert.All(parts, x => Assert.InRange(x.Part, 1, 2));
    }

    [Fact]
    public void Who_has_fewer_under_way_catches_up_first() => Assert.Equal([8, 4], Parts(10, Waits(100, running: 1), Waits(100, running: 5)).Select(x => x.Part));

    [Fact]
    public void Who_has_no_room_or_nothing_more_leaves_the_places_to_others() =>
        Assert.Equal([(1, 1), (2, 3), (10, 9)], Parts(10, Waits(100, room: 0), Waits(100, room: 2), Waits(100, running: 7)));

    [Fact]
    public void All_places_are_given_where_enough_waits()
    {
        var dice = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var jobs = Enumerable.Range(0, dice.Next(1, 64)).Select(_ => Waits(dice.Next(1, 50), dice.Next(0, 9), dice.Next(0, 50))).ToArray();
            var places = dice.Next(1, 500);
            var parts = Parts(places, jobs);
            Assert.Equal(Math.Min(places, jobs.Sum(x => x.Room)), parts.Sum(x => x.Part - 1));
            Assert.All(jobs.Zip(parts), x => Assert.InRange(x.Second.Part - 1, 0, x.First.Room));
        }
    }

    static WaitingJob Waits(int waiting, int running = 0, int? room = null) => new(new("acme", "job"), "handler", waiting) { Running = running, Room = Math.Min(waiting, room ?? waiting) };

    static (int Most, int Part)[] Parts(int places, params WaitingJob[] jobs) => [.. Backlog.Parts(jobs, places).Select(x => (x.Most, x.Part))];
}
