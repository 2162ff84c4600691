using System.Reflection;
using System.Text;
using MassTransit;
using MassTransit.SagaStateMachine;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>docs/run-states.md is made from the machine itself: a new sentence of it shows up in review as a changed picture.</summary>
public sealed class The_state_machine_is_drawn_in_the_docs
{
    static readonly RunStateMachine Machine = new();

    [Fact]
    public void The_page_is_the_machines() => Approval.Verify("../../docs/run-states.md", Page());

    [Fact]
    public void Every_message_is_expected_in_every_status()
    {
        var ignored = typeof(MassTransitStateMachine<Run>).GetNestedType("StateMachineState", BindingFlags.Public | BindingFlags.NonPublic)!
            .MakeGenericType(typeof(Run)).GetField("_ignoredEvents", BindingFlags.NonPublic | BindingFlags.Instance)!;
        foreach (var state in States)
        {
            var expected = ((System.Collections.IDictionary)ignored.GetValue(state)!).Keys.Cast<Event>().Concat(((State<Run>)state).Events).Select(x => x.Name);
            Assert.Equal([], Events.Select(x => x.Name).Except(expected));
        }
    }

    [Fact]
    public void Statuses_are_the_states_in_lower_case()
    {
        Assert.Equal(RunStatus.All.Order(), States.Select(x => RunStatus.Of(x.Name)).Order());
        Assert.All(RunStatus.All, status => Assert.Equal(status, RunStatus.Of(RunStatus.State(status))));
    }

    static IEnumerable<State> States => Machine.States.Where(x => x.Name is not ("Initial" or "Final"));

    static IReadOnlyList<Event> Events { get; } =
        [Machine.Accepted, Machine.Dispatch, Machine.Resend, Machine.Finished, Machine.Suspended, Machine.Lost, Machine.Due, Machine.Orphaned, Machine.Cancel];

    static string Page()
    {
        var sentences = new Sentences();
        ((StateMachine)Machine).Accept(sentences);
        var text = new StringBuilder(
            """
            # The states of a run

            Made from [`RunStateMachine`](../services/scheduler/Runs/RunStateMachine.cs) by the test `The_state_machine_is_drawn_in_the_docs`, which fails
            when this page and the machine differ. `REACTOR_APPROVE=1 ./test The_state_machine_is_drawn` writes it anew.

            ```mermaid
            stateDiagram-v2

            """);
        foreach (var (from, @event, to) in sentences.All.Where(x => x.To is not null).Distinct())
            text.Append($"  {(from == "Initial" ? "[*]" : Status(from))} --> {Status(to!)}: {Name(@event)}\n");
        foreach (var final in RunStatus.All.Where(RunStatus.IsFinal))
            text.Append($"  {final} --> [*]\n");
        text.Append("```\n\nWhere each message leads from each status. `stays` acts and keeps the status; an empty cell changes nothing, whenever and however often it comes.\n\n");
        text.Append($"| status | {string.Join(" | ", Events.Select(x => Name(x.Name)))} |\n|---|{string.Concat(Events.Select(_ => "---|"))}\n");
        foreach (var state in States.Prepend(Machine.Initial))
            text.Append($"| {(state == Machine.Initial ? "(none)" : Status(state.Name))} | {string.Join(" | ", Events.Select(x => Cell(sentences, state.Name, x.Name)))} |\n");
        text.Append(
            """

            | message | comes from | counts only when |
            |---|---|---|
            | accepted | a call, an event, a retry | there is no run of that id |
            | dispatch | the dispatcher, in the group's own transaction | an executor has a free slot, and the job and the org have room |
            | resend | the reconciler | it names the current epoch |
            | finished, suspended | the executor, over the bus | it names the current epoch |
            | lost | the reconciler: the executor is gone | it names the current epoch |
            | due | the timer wheel | it names the epoch and the time that the run waits for |
            | orphaned | the dispatcher, or the call that has deleted its job definition | the run is due and waits, and its job definition is not back |
            | cancel | a call | the run has not ended |
            """);
        return text.ToString();
    }

    static string Cell(Sentences sentences, string state, string @event)
    {
        var found = sentences.All.Where(x => x.From == state && x.Event == @event).ToArray();
        var targets = found.Where(x => x.To is not null).Select(x => Status(x.To!)).Distinct().ToArray();
        return targets.Length > 0 ? string.Join(", ", targets) : found.Length > 0 ? "stays" : "";
    }

    static string Status(string state) => RunStatus.Of(state);

    static string Name(string @event) => @event.ToLowerInvariant();

    /// <summary>Walks through the machine and notes which message leads from which state to which.</summary>
    sealed class Sentences : StateMachineVisitor
    {
        State state = null!;
        Event message = null!;

        public List<(string From, string Event, string? To)> All { get; } = [];

        public void Visit(State visited, Action<State> next)
        {
            state = visited;
            next(visited);
        }

        public void Visit(Event visited, Action<Event> next)
        {
            message = visited;
            All.Add((state.Name, visited.Name, null));
            next(visited);
        }

        public void Visit<TMessage>(Event<TMessage> visited, Action<Event<TMessage>> next) where TMessage : class
        {
            message = visited;
            All.Add((state.Name, visited.Name, null));
            next(visited);
        }

        public void Visit(IStateMachineActivity activity) => Visit(activity, _ => { });

        public void Visit(IStateMachineActivity activity, Action<IStateMachineActivity> next)
        {
            if (activity is TransitionActivity<Run> transition)
                All.Add((state.Name, message.Name, transition.ToState.Name));
            next(activity);
        }

        public void Visit<T>(IBehavior<T> behavior) where T : class, SagaStateMachineInstance => Visit(behavior, _ => { });

        public void Visit<T>(IBehavior<T> behavior, Action<IBehavior<T>> next) where T : class, SagaStateMachineInstance => next(behavior);

        public void Visit<T, TMessage>(IBehavior<T, TMessage> behavior) where T : class, SagaStateMachineInstance where TMessage : class => Visit(behavior, _ => { });

        public void Visit<T, TMessage>(IBehavior<T, TMessage> behavior, Action<IBehavior<T, TMessage>> next) where T : class, SagaStateMachineInstance where TMessage : class => next(behavior);
    }
}
