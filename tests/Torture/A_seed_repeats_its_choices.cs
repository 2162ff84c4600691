using ReactorJobs.Tests.Simulation.Defects;
using ReactorJobs.Tests.Torture.Defects;
using ReactorJobs.Tests.Torture.Faults;
using ReactorJobs.Tests.Torture.Suites;
using ReactorJobs.Tests.Torture.Workload;

namespace ReactorJobs.Tests.Torture;

public sealed class A_seed_repeats_its_choices
{
    [Fact]
    public void The_same_seed_makes_the_same_faults_and_triggers()
    {
        Assert.Equal(FaultPlan.Of(1, 50, new()), FaultPlan.Of(1, 50, new()));
        Assert.Equal(WorkloadPlan.Of(1, 50).Select(x => x.Body), WorkloadPlan.Of(1, 50).Select(x => x.Body));
        Assert.NotEqual(FaultPlan.Of(1, 50, new()), FaultPlan.Of(2, 50, new()));
        Assert.NotEqual(WorkloadPlan.Of(1, 50).Select(x => x.Body), WorkloadPlan.Of(2, 50).Select(x => x.Body));
    }

    [Fact]
    public void Many_faults_hit_every_process_in_every_way()
    {
        var shape = new Shape();
        var plan = FaultPlan.Of(3, 600, shape);
        Assert.Equal(600, plan.Count);
        // A suite that is scaled in stays so: that is for trials that look for what only that shows.
        Assert.Equal(Enum.GetValues<FaultKind>().Except([FaultKind.Retire]), plan.Select(x => x.Kind).Distinct().Order());
        Assert.Equal(
            shape.Services.Concat(shape.WorkerNames).Concat([Names.PostgreSql, Names.RabbitMq]).Order(StringComparer.Ordinal),
            plan.Where(x => x.Peer is null).Select(x => x.Target).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Few_faults_still_pause_an_executor_past_its_lease(int seed) =>
        Assert.Contains(FaultPlan.Of(seed, 12, new()), x => x.Kind == FaultKind.Pause && Names.KindOf(x.Target) == Names.Executor && x.Lasts > TimeSpan.FromSeconds(11));

    [Fact]
    public void A_plan_of_some_kinds_has_no_others()
    {
        Card[] cards = [new(FaultKind.Kill, Names.Scheduler), new(FaultKind.Cut, Names.Executor, Names.RabbitMq)];
        Assert.All(FaultPlan.Of(3, 50, new(), cards), x => Assert.Contains(cards, card => (card.Kind, card.Target) == (x.Kind, Names.KindOf(x.Target))));
    }

    [Fact]
    public void Faults_are_aimed_at_mistakes_that_there_are() => Assert.Empty(Aim.Named.Except(Defect.All.Select(x => x.Name)));

    [Fact]
    public void Every_trigger_has_a_key_of_its_own() => Assert.Equal(500, WorkloadPlan.Of(4, 500).Select(x => x.Key).Distinct().Count());

    [Fact]
    public void The_workload_has_every_job_and_every_habit()
    {
        var items = WorkloadPlan.Of(5, 500);
        Assert.Equal(
            Catalogue.Jobs.Keys.Except([.. Catalogue.Subscribers.Values.SelectMany(x => x), Catalogue.Sown]).Order(StringComparer.Ordinal), items.Select(x => x.Job).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(Enum.GetValues<Habit>(), items.Select(x => x.Habit).Distinct().Order());
        Assert.Contains(items, x => x.CancelAfter is not null);
        Assert.Equal(Shape.Orgs, items.Select(x => x.Org).Distinct().Order(StringComparer.Ordinal));
    }
}
