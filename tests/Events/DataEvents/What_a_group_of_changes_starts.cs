using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Changes;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>The decision on a group of changes, of which some may have come before.</summary>
public sealed class What_a_group_of_changes_starts
{
    static readonly TableName Orders = new("public", "orders");
    readonly IdSource ids = new(new ManualTime());

    [Theory]
    [InlineData(0, 0, new[] { "10.0", "10.1", "10.2", "20.0" })]
    [InlineData(9, 5, new[] { "10.0", "10.1", "10.2", "20.0" })]
    [InlineData(10, 0, new[] { "10.0", "10.1", "10.2", "20.0" })]
    [InlineData(10, 2, new[] { "10.2", "20.0" })]
    [InlineData(10, 3, new[] { "20.0" })]
    [InlineData(15, 0, new[] { "20.0" })]
    [InlineData(20, 1, new string[0])]
    [InlineData(30, 0, new string[0])]
    public void What_came_before_starts_nothing(ulong commit, long taken, string[] started)
    {
        RowChange[] group = [Change(10, 0), Change(10, 1), Change(10, 2), Change(20, 0)];
        var decision = ChangeRouting.Decide("default", group, new(new(commit), taken), [Trigger("a")], ids.Next);
        Assert.Equal(started, Starts(decision).Select(Place));
        Assert.Equal(started.Length == 0 ? new(new(commit), taken) : new ChangePosition(new(20), 1), decision.Taken);
        Assert.Equal(started.Length > 0, decision.IsNew);
    }

    [Fact]
    public void Wherever_it_is_cut_each_change_is_taken_in_once_and_in_order()
    {
        var all = Enumerable.Range(0, 40).Select(i => Change((ulong)(i / 7) + 1, i % 7)).ToArray();
        var dice = new Random(7);
        for (var trial = 0; trial < 200; trial++)
        {
            var (position, started) = (ChangePosition.Beginning, new List<string>());
            while (position != ChangePosition.After(all[^1]))
            {
                // A new connection begins with any transaction that is not confirmed, at its first change; a group ends anywhere.
                var open = Array.FindIndex(all, x => !position.Includes(x));
                var from = dice.Next(open + 1) is var back ? back - back % 7 : 0;
                var decision = ChangeRouting.Decide("default", all[from..Math.Min(all.Length, from + 1 + dice.Next(20))], position, [Trigger("a")], ids.Next);
                started.AddRange(Starts(decision).Select(Place));
                position = decision.Taken;
            }

            Assert.Equal(all.Select(x => $"{(ulong)x.Commit}.{x.Index}"), started);
        }
    }

    [Fact]
    public void Each_trigger_has_a_run_of_its_own_if_it_listens()
    {
        DataTrigger[] triggers =
        [
            Trigger("b"), Trigger("a"), Trigger("other") with { Table = new("public", "order") }, Trigger("inserts") with { Operations = ["insert"] },
            Trigger("later") with { From = new(11) }, Trigger("now") with { From = new(10) }, Trigger("when") with { Condition = RawJson.Trusted("""{"new": {"n": 1.0}}""") },
            Trigger("when not") with { Condition = RawJson.Trusted("""{"new": {"n": 2}}""") }, Trigger("when old") with { Condition = RawJson.Trusted("""{"old": {"n": 1}}""") },
        ];
        var starts = Starts(ChangeRouting.Decide("default", [Change(10, 0)], default, triggers, ids.Next));
        Assert.Equal(["a", "b", "now", "when"], starts.Select(x => x.Trigger.Id));
        Assert.Equal(4, starts.Select(x => x.RunId).Distinct().Count());
        Assert.Equal("""{"database":"default","table":"public.orders","op":"update","lsn":"0/A","index":"0"}""", starts[0].Trigger.Detail.ToString());
    }

    [Fact]
    public void Many_starts_are_several_messages_that_a_broker_carries()
    {
        var group = Enumerable.Range(0, 1200).Select(i => Change(10, i)).ToArray();
        Assert.Equal([500, 500, 200], ChangeRouting.Decide("default", group, default, [Trigger("a")], ids.Next).Messages.Select(x => Emitted.StartsOf(x).Count));
    }

    [Theory]
    [InlineData("""{"a": {"b": 1, "c": 2}}""", """{"a": {"b": 1}}""", true)]
    [InlineData("""{"a": {"b": 1}}""", """{"a": {"b": 1, "c": 2}}""", false)]
    [InlineData("""{"a": [1, 2]}""", """{"a": [1, 2]}""", true)]
    [InlineData("""{"a": [1, 2]}""", """{"a": [1]}""", false)]
    [InlineData("""{"a": 1.0}""", """{"a": 1}""", true)]
    [InlineData("""{"a": "1"}""", """{"a": 1}""", false)]
    [InlineData("""{"a": null}""", """{"a": null}""", true)]
    [InlineData("""{"b": null}""", """{"a": null}""", false)]
    [InlineData("""{"a": "x"}""", """{}""", true)]
    public void A_condition_matches_in_part(string row, string condition, bool matches)
    {
        var columns = System.Text.Json.JsonDocument.Parse(row).RootElement.EnumerateObject().Select(x => new ColumnValue(x.Name, RequestBody.Raw(x.Value))).ToArray();
        Assert.Equal(matches, ChangeCondition.Of(RawJson.Trusted($$"""{"new": {{condition}}}"""))!.Matches(Change(1, 0) with { New = columns }));
    }

    static RowChange Change(ulong commit, long index) => new(
        Orders, Operations.Update, null, [new("n", RawJson.Trusted("1"))], [], new(commit), index, ManualTime.Start);

    static DataTrigger Trigger(string id) => new("acme", id, Orders, [Operations.Insert, Operations.Update], null, "job", default);

    static IReadOnlyList<RunStart> Starts(ChangeDecision decision) => [.. decision.Messages.SelectMany(Emitted.StartsOf)];

    static string Place(RunStart start) => start.Trigger.Detail.Read<Dictionary<string, string>>() is { } detail
        ? $"{(ulong)NpgsqlLogSequenceNumber.Parse(detail["lsn"])}.{detail["index"]}"
        : "";
}
