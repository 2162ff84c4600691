using System.Globalization;
using ReactorJobs.Tests.System.Harness;
using ReactorJobs.Tests.Torture.Faults;
using ReactorJobs.Tests.Torture.Workload;

namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>A history in which everything is as it has to be: an order with its event and subscribers, a run that failed, and one that was cancelled.</summary>
static class SmallHistory
{
    public const string Org = "acme";
    public const string Order = "run_order";
    public const string Doomed = "run_doomed";
    public const string Cancelled = "run_cancelled";
    public const string Invoice = "run_invoice";
    public const string Notice = "run_notice";

    static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    static readonly Expectation OfOrder = new("completed", 1, ["reserve", "ship"], [Catalogue.OrderDone]);

    public static readonly string EventPayload = $$"""{"org":"{{Org}}","run":"{{Order}}","step":"ship","nonce":"s1","part":0}""";

    public static readonly History Sound = new(
        [Item("order-1", OfOrder), Item("doomed-2", new("failed", 1, [], [])), Item("order-3", OfOrder)],
        [Triggered("order-1", Order), Triggered("doomed-2", Doomed), Triggered("order-3", Cancelled), Cancel("order-3", Cancelled, Outcome.Accepted, 200, null)],
        [
            Line(1, 7, "begin", Order, "-", "1"), Line(2, 7, "start", Order, "reserve", "1"), Line(3, 7, "acknowledged", Order, "reserve", "1/r1"),
            Line(4, 7, "start", Order, "ship", "1"), Line(5, 7, "acknowledged", Order, "ship", "1/s1"),
        ],
        [
            Run(Order, "order", "completed", """{"key":"order-1","org":"acme"}""", """["r1", "s1"]"""), Run(Doomed, "doomed", "failed", """{"key":"doomed-2","org":"acme"}""", null),
            Run(Cancelled, "order", "cancelled", """{"key":"order-3","org":"acme"}""", null),
            Run(Invoice, "invoice", "completed", EventPayload, null) with { TriggerKind = "event" }, Run(Notice, "notice", "completed", EventPayload, null) with { TriggerKind = "event" },
        ],
        [
            Listed(Order, "order", "completed"), Listed(Doomed, "doomed", "failed"), Listed(Cancelled, "order", "cancelled"),
            Listed(Invoice, "invoice", "completed"), Listed(Notice, "notice", "completed"),
        ],
        [new(Org, Order, 1, "step:reserve", "\"r1\"", []), new(Org, Order, 1, "step:ship", "\"s1\"", [Catalogue.OrderDone])],
        [new(Org, Catalogue.OrderDone, EventPayload, Order)],
        [new(Org, Order, 1, "lost", true, Start, Start.AddSeconds(1)), new(Org, Order, 2, "completed", true, Start.AddSeconds(1), Start.AddSeconds(2))],
        [new(Org, Doomed)],
        [], [], []);

    public static WorkItem Item(string key, Expectation expected) => new(1, Org, key.Split('-')[0], key, "{}", Habit.Persists, null, expected);

    public static Call Triggered(string key, string run) => new(Verb.Trigger, Org, key, Start, Start, Outcome.Accepted, 202, run, null, "running");

    public static Call Cancel(string key, string run, Outcome outcome, int status, string? code) => new(Verb.Cancel, Org, key, Start, Start, outcome, status, run, code, null);

    public static Call Read(string key, string run, string seen) => new(Verb.Read, Org, key, Start, Start, Outcome.Accepted, 200, run, null, seen);

    public static LedgerLine Line(long at, int process, string what, string run, string step, string value) => new(at, process, what, run, step, value);

    public static RunRow Run(string id, string job, string status, string payload, string? result) =>
        new(Org, id, job, status, 1, payload, result, "manual", Start, Start + TimeSpan.FromSeconds(1));

    public static ListedRun Listed(string id, string job, string status) => new(Org, id, job, status, 1);

    public static FaultWindow Window(FaultKind kind, long began, long ended) =>
        new(new(1, kind, "worker-1", null, default, default, false, false, 1), Start.AddTicks(began / 100), Start.AddTicks(ended / 100), began, ended);

    /// <summary>With another one in place of the one that was meant.</summary>
    public static IReadOnlyList<T> Change<T>(this IReadOnlyList<T> all, Func<T, bool> which, Func<T, T> change) => all.Count(which) == 1
        ? [.. all.Select(x => which(x) ? change(x) : x)]
        : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"It is to mean one of them, not {all.Count(which)}."), nameof(which));
}
