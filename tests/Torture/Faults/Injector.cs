using System.Collections.Concurrent;
using ReactorJobs.Tests.Torture.Network;
using ReactorJobs.Tests.Torture.Suites;

namespace ReactorJobs.Tests.Torture.Faults;

/// <summary>
/// Makes the faults of a plan, on several lanes at once so that they overlap; what hits one process or one way comes one after the other.
/// </summary>
/// <param name="busiest">The executor with the most long steps under way, if any has one.</param>
/// <param name="begins">Told of each fault before it is made; what it lets in is what the fault hits.</param>
sealed class Injector(TorturedSuite suite, Func<int> lines, Func<Task<string?>> busiest, Action<Fault> begins, TimeProvider time)
{
    /// <summary>A suite that lies low writes no lines, and is to be hit all the same.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(4);
    static readonly TimeSpan LongestAim = TimeSpan.FromSeconds(30);
    static readonly TimeSpan TimeToComeBack = TimeSpan.FromSeconds(30);

    /// <summary>A way does not break between two messages: what is sent shortly before, such as acknowledgements, is lost with it.</summary>
    static readonly TimeSpan LostBeforeACut = TimeSpan.FromMilliseconds(700);
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);
    static readonly TimeSpan BetweenReadings = TimeSpan.FromMilliseconds(100);

    readonly ConcurrentDictionary<string, SemaphoreSlim> turns = new();
    readonly SemaphoreSlim entrance = new(1, 1);
    readonly ConcurrentQueue<FaultWindow> windows = new();

    public IReadOnlyList<FaultWindow> Windows => [.. windows];

    public async Task Make(IReadOnlyList<Fault> plan, int lanes, CancellationToken stop)
    {
        var queue = new ConcurrentQueue<Fault>(plan);
        var room = new SemaphoreSlim(lanes, lanes);
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => Lane(queue, room, lanes, stop)));
    }

    async Task Lane(ConcurrentQueue<Fault> queue, SemaphoreSlim room, int lanes, CancellationToken stop)
    {
        while (queue.TryDequeue(out var planned))
        {
            var fault = planned;
            var takes = fault.IsAlone ? lanes : 1;
            await Enter(room, takes, stop);
            // The ways between services are those of two processes each.
            var turn = turns.GetOrAdd(fault.Peer == Names.Peers ? Names.Peers : fault.Describe(), _ => new(1, 1));
            await turn.WaitAsync(stop);
            try
            {
                begins(fault);
                await MoreLines(fault.AfterLines, stop);
                fault = await Aim(fault, stop);
                var (began, at) = (time.GetUtcNow(), Nanoseconds());
                await Make(fault, stop);
                windows.Enqueue(new(fault, began, time.GetUtcNow(), at, Nanoseconds()));
            }
            finally
            {
                turn.Release();
                room.Release(takes);
            }
        }
    }

    /// <summary>One after the other: two that want all of the room would wait for each other.</summary>
    async Task Enter(SemaphoreSlim room, int takes, CancellationToken stop)
    {
        await entrance.WaitAsync(stop);
        try
        {
            for (var i = 0; i < takes; i++)
                await room.WaitAsync(stop);
        }
        finally
        {
            entrance.Release();
        }
    }

    async Task MoreLines(int count, CancellationToken stop)
    {
        var (before, since) = (lines(), time.GetTimestamp());
        while (lines() < before + count && time.GetElapsedTime(since) < LongestWait)
            await Task.Delay(BetweenReadings, time, stop);
    }

    /// <summary>All workers may be at the other executor: a pause that is to have writes refused hits the one that has some to come.</summary>
    async Task<Fault> Aim(Fault fault, CancellationToken stop)
    {
        if (!fault.IsAlone)
            return fault;
        for (var since = time.GetTimestamp(); time.GetElapsedTime(since) < LongestAim;)
        {
            if (await busiest() is { } target)
                return fault with { Target = target };
            await Task.Delay(BetweenReadings, time, stop);
        }

        return fault;
    }

    async Task Make(Fault fault, CancellationToken stop)
    {
        switch (fault.Kind)
        {
            case FaultKind.Kill or FaultKind.Restart or FaultKind.Wipe:
                await End(fault, stop);
                break;
            case FaultKind.Lose:
                Link[] ways = [.. suite.Shape.All(Names.Scheduler).SelectMany(x => suite.Wiring.Between(x, fault.Target))];
                foreach (var way in ways)
                    way.Cut();
                await Task.Delay(fault.Lasts, time, stop);
                foreach (var way in ways)
                    way.Heal();
                await End(fault, stop);
                break;
            case FaultKind.Retire:
                await suite.Retire(fault.Target);
                break;
            case FaultKind.Pause:
                await using (await PausedProcess.Stop(suite.Pid(fault.Target)))
                    await Task.Delay(fault.Lasts, time, stop);
                break;
            default:
                await OnTheNetwork(fault, suite.Wiring.Between(fault.Target, fault.Peer!), stop);
                break;
        }
    }

    async Task End(Fault fault, CancellationToken stop)
    {
        var before = suite.Pid(fault.Target);
        if (fault.Kind == FaultKind.Restart)
            suite.Terminate(fault.Target);
        else
            suite.Kill(fault.Target);
        if (fault.Kind is FaultKind.Wipe or FaultKind.Lose)
            suite.WipeRabbitMq();
        await IsBack(fault.Target, before, stop);
    }

    async Task OnTheNetwork(Fault fault, IReadOnlyList<Link> links, CancellationToken stop)
    {
        foreach (var link in links)
            switch (fault.Kind)
            {
                case FaultKind.Cut:
                    // RabbitMQ loses acknowledgements. Of PostgreSQL either the request is lost or its answer: then a commit only seems to have failed.
                    link.Hold(fault.ToServer || !fault.Peer!.StartsWith(Names.PostgreSql, StringComparison.Ordinal) ? Direction.ToServer : Direction.ToClient);
                    break;
                case FaultKind.OneWay:
                    link.Hold(fault.ToServer ? Direction.ToServer : Direction.ToClient);
                    break;
                case FaultKind.Slow:
                    link.Slow(fault.Latency);
                    break;
                default:
                    link.Reset();
                    break;
            }

        if (fault.Kind == FaultKind.Cut)
        {
            await Task.Delay(LostBeforeACut, time, stop);
            foreach (var link in links)
                link.Cut();
        }

        await Task.Delay(fault.Lasts, time, stop);
        foreach (var link in links)
            link.Heal();
    }

    /// <summary>Another process serves. Where it cannot, because what it needs is away too, the fault is over all the same.</summary>
    async Task IsBack(string name, int before, CancellationToken stop)
    {
        for (var since = time.GetTimestamp(); time.GetElapsedTime(since) < TimeToComeBack;)
        {
            if (suite.Pid(name) != before && await suite.IsReady(name))
                return;
            await Task.Delay(Look, time, stop);
        }
    }

    long Nanoseconds() => time.GetTimestamp() * (1_000_000_000 / time.TimestampFrequency);
}
