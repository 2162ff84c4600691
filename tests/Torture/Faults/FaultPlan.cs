using ReactorJobs.Tests.Torture.Suites;

namespace ReactorJobs.Tests.Torture.Faults;

/// <summary>A fault of any length, that may hit any process of a kind.</summary>
/// <param name="IsBrief">Shorter than anybody's belief in anybody.</param>
sealed record Card(FaultKind Kind, string Target, string? Peer = null, bool IsAlone = false, bool IsBrief = false);

/// <summary>Which faults there are, by the seed alone. Kinds come as cards of a deck, so that many faults are all kinds, and few ones differ by seed.</summary>
static class FaultPlan
{
    /// <summary>Longer than a scheduler believes in a silent executor (10 s, and a second until it looks): what the executor does then is refused.</summary>
    static readonly (double Least, double Most) PastTheLease = (12, 15);

    /// <summary>So long that its workers go to another executor (15 s) and their runs begin again there: all that it then still reads of them is refused.</summary>
    static readonly (double Least, double Most) PastItsWorkers = (19, 21);

    /// <summary>Longer than an executor believes in a silent worker: three heartbeats of 5 s.</summary>
    static readonly (double Least, double Most) PastTheHeartbeats = (16, 19);

    /// <summary>Longer than a scheduler's timers are its own (15 s) and another one takes to read them (4 s): it goes on with timers that have fired.</summary>
    static readonly (double Least, double Most) PastItsTimers = (19, 23);

    static readonly (double Least, double Most) AWhile = (1, 5);
    static readonly (double Least, double Most) Briefly = (0.05, 0.5);

    const int MostLines = 60;

    static readonly string[] Services = [Names.Ingress, Names.Scheduler, Names.Executor, Names.Events];

    static readonly FaultKind[] OfTheNetwork = [FaultKind.Cut, FaultKind.OneWay, FaultKind.Reset, FaultKind.Slow];

    static readonly Card[] Deck =
    [
        .. from kind in (FaultKind[])[FaultKind.Kill, FaultKind.Restart, FaultKind.Pause]
           from target in (string[])[.. Services, Names.Worker, Names.RabbitMq, Names.PostgreSql]
           select new Card(kind, target),
        new(FaultKind.Wipe, Names.RabbitMq),
        new(FaultKind.Lose, Names.RabbitMq),
        .. from kind in OfTheNetwork
           from target in Services
           from peer in (string[])[Names.PostgreSql, Names.RabbitMq, Names.Peers]
           where target != Names.Ingress || peer != Names.RabbitMq
           select new Card(kind, target, peer),
        new(FaultKind.Cut, Names.Executor, Names.RabbitMq, IsBrief: true),
        .. from kind in OfTheNetwork
           from target in (string[])[Names.Worker, Names.Clients]
           select new Card(kind, target, Names.Ingress),
    ];

    /// <summary>Without these a trial proves little: an executor that goes on after its lease, and deliveries that nobody has acknowledged.</summary>
    static readonly Card[] Always = [new(FaultKind.Pause, Names.Executor, IsAlone: true), new(FaultKind.Cut, Names.Scheduler, Names.RabbitMq), new(FaultKind.Cut, Names.Executor, Names.RabbitMq)];

    /// <param name="only">The cards, where not all kinds are wanted.</param>
    public static IReadOnlyList<Fault> Of(int seed, int count, Shape shape, IReadOnlyList<Card>? only = null)
    {
        var dice = new Random(seed);
        var cards = only is null ? Always.ToList() : [];
        while (cards.Count < count)
        {
            var deck = (only ?? Deck).ToArray();
            dice.Shuffle(deck);
            cards.AddRange(deck);
        }

        var dealt = cards.Take(count).ToArray();
        dice.Shuffle(dealt);
        return [.. dealt.Select((card, i) => Deal(i + 1, card, shape, dice))];
    }

    static Fault Deal(int number, Card card, Shape shape, Random dice)
    {
        var target = card.Kind == FaultKind.Retire ? shape.All(card.Target)[^1] : OneOf(shape.All(card.Target), dice);
        var peer = card.Peer is null or Names.Peers ? card.Peer : OneOf(shape.All(card.Peer), dice);
        var (least, most) = Length(card);
        return new(number, card.Kind, target, peer,
            TimeSpan.FromSeconds(least + (dice.NextDouble() * (most - least))), TimeSpan.FromMilliseconds(dice.Next(50, 400)), dice.Next(2) == 0, card.IsAlone, dice.Next(1, MostLines));
    }

    static (double Least, double Most) Length(Card card) => card switch
    {
        { IsBrief: true } => Briefly,
        { Kind: FaultKind.Kill or FaultKind.Restart or FaultKind.Wipe or FaultKind.Reset or FaultKind.Retire } => (0, 0),
        { Kind: FaultKind.Pause, Target: Names.Executor, IsAlone: true } => PastItsWorkers,
        { Kind: FaultKind.Pause, Target: Names.Executor } or { Kind: FaultKind.Cut or FaultKind.OneWay, Target: Names.Executor, Peer: Names.RabbitMq } => PastTheLease,
        { Kind: FaultKind.Pause, Target: Names.Scheduler } => PastItsTimers,
        { Kind: FaultKind.Pause, Target: Names.Worker } or { Kind: FaultKind.OneWay, Target: Names.Worker } => PastTheHeartbeats,
        _ => AWhile,
    };

    static string OneOf(IReadOnlyList<string> names, Random dice) => names[dice.Next(names.Count)];
}
