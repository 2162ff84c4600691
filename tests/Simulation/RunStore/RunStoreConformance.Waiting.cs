using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Simulation.RunStore;

/// <summary>What a group may pick up of those that wait in line.</summary>
public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task What_waits_comes_in_its_turn_and_no_more_than_asked_for()
    {
        await Register();
        var (young, old, urgent, sleeping) = (NewRun(age: 1), NewRun(age: 2), NewRun(priority: 5), NewRun());
        sleeping.Due = false;
        var twin = NewRun(age: 1);
        await Commit(x => x.Inserted.AddRange([young, sleeping, twin, old, urgent]));
        foreach (var most in new[] { 4, 2 })
        {
            await using var transaction = await Store.Open(Keys(picks: most));
            Assert.Equal(new[] { urgent, old, young, twin }.Take(most).Select(x => x.Id), transaction.Waiting.Select(x => x.Id));
        }
    }

    [Fact]
    public async Task Of_several_jobs_that_wait_each_gives_its_part_and_whatever_is_more_urgent()
    {
        await Register();
        await Register("other");
        Run[] plain = [.. Enumerable.Range(0, 6).Select(i => NewRun(age: 10 - i))];
        Run[] urgent = [.. Enumerable.Range(0, 4).Select(i => NewRun(priority: 5, age: 10 - i))];
        foreach (var run in urgent)
            (run.Job, run.Handler) = ("other", "h-other");
        await Commit(x => x.Inserted.AddRange([.. plain, .. urgent]), new([org], [Job, new(org, "other")], [], [], []));

        await using var transaction = await Store.Open(new([org], [Job, new(org, "other")], [], [], [new Pick(Job, 5, 2), new Pick(new(org, "other"), 3, 1)]));

        // A store may give more of what is no more urgent than the rest.
        Assert.Equal(urgent.Take(3).Select(x => x.Id), transaction.Waiting.Take(3).Select(x => x.Id));
        Assert.Equal(plain.Take(2).Select(x => x.Id), transaction.Waiting.Skip(3).Take(2).Select(x => x.Id));
        Assert.InRange(transaction.Waiting.Count, 5, 8);
    }

    [Fact]
    public async Task Of_equally_urgent_ones_those_come_for_which_there_are_places()
    {
        JobKey[] jobs = [Job, new(org, "second"), new(org, "third")];
        foreach (var job in jobs)
            await Register(job.Name);
        Run[][] runs = [.. jobs.Select(job => Enumerable.Range(0, 3).Select(i => Of(job, NewRun(age: 10 - i))).ToArray())];
        await Commit(x => x.Inserted.AddRange(runs.SelectMany(x => x)), new([org], jobs, [], [], []));
        Pick Waits(int job, int running, int room = 3) => new(jobs[job], 3, 3) { Line = 1, Places = 4, Running = running, Room = room };

        await using (var transaction = await Store.Open(new([org], jobs, [], [], [Waits(0, running: 2), Waits(1, 0), Waits(2, 0)])))
            // Whose job has the fewest under way; a store may give more.
            Assert.Superset(new HashSet<RunId>([.. runs[1].Take(2).Concat(runs[2].Take(2)).Select(x => x.Id)]), transaction.Waiting.Select(x => x.Id).ToHashSet());

        await using (var transaction = await Store.Open(new([org], jobs, [], [], [Waits(0, running: 2), Waits(1, 0, room: 0), Waits(2, 0, room: 0)])))
            // Where there is room comes first, however many are under way there.
            Assert.Superset(new HashSet<RunId>([.. runs[0].Select(x => x.Id)]), transaction.Waiting.Select(x => x.Id).ToHashSet());

        var urgent = Of(jobs[0], NewRun(priority: 5));
        await Commit(x => x.Inserted.Add(urgent), new([org], jobs, [], [], []));
        await using (var transaction = await Store.Open(new([org], jobs, [], [], [Waits(0, running: 2), Waits(1, 0), Waits(2, 0)])))
            Assert.Equal(urgent.Id, transaction.Waiting[0].Id);
    }

    static Run Of(JobKey job, Run run)
    {
        (run.Job, run.Handler) = (job.Name, $"h-{job.Name}");
        return run;
    }
}
