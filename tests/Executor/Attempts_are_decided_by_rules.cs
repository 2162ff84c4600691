using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Executor;

public sealed class Attempts_are_decided_by_rules
{
    static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly RunKey Key = new("acme", new RunId(Guid.Empty));

    static Lease? LeaseOf(int? epoch, bool here = true) =>
        epoch is { } one ? new(Key, one, 1, "job", "h", here ? Bench.Here : Guid.Empty, "w", At, At) : null;

    static EndedAttempt? EndedOf(int? epoch, string outcome = AttemptOutcomes.Completed) =>
        epoch is { } one ? new(Key, one, 1, "job", "w", At, At, new(outcome)) : null;

    [Theory]
    [InlineData(null, null, ClaimDecision.Claimed)]
    [InlineData(1, null, ClaimDecision.Claimed)]
    [InlineData(2, null, ClaimDecision.Claimed)]
    [InlineData(3, null, ClaimDecision.Superseded)]
    [InlineData(null, 1, ClaimDecision.Claimed)]
    [InlineData(null, 2, ClaimDecision.Ended)]
    [InlineData(null, 3, ClaimDecision.Superseded)]
    [InlineData(1, 2, ClaimDecision.Ended)]
    public void A_claim_of_epoch_2(int? lease, int? ended, ClaimDecision expected) =>
        Assert.Equal(expected, AttemptRules.Claim(2, Bench.Here, LeaseOf(lease), EndedOf(ended)));

    [Fact]
    public void A_claim_of_a_cancelled_epoch_is_silent() =>
        Assert.Equal(ClaimDecision.Superseded, AttemptRules.Claim(2, Bench.Here, null, EndedOf(2, AttemptOutcomes.Cancelled)));

    [Fact]
    public void An_epoch_that_runs_elsewhere_is_not_claimed() =>
        Assert.Equal(ClaimDecision.Superseded, AttemptRules.Claim(2, Bench.Here, LeaseOf(2, here: false), null));

    [Theory]
    [InlineData(null, null, RefuseCodes.Superseded)]
    [InlineData(1, null, RefuseCodes.Superseded)]
    [InlineData(3, null, RefuseCodes.Superseded)]
    [InlineData(2, null, "write")]
    [InlineData(2, 2, "ack")]
    [InlineData(2, 1, RefuseCodes.Duplicate)]
    [InlineData(null, 2, "ack")]
    [InlineData(3, 1, RefuseCodes.Superseded)]
    public void A_checkpoint_of_epoch_2(int? lease, int? existing, string expected)
    {
        var verdict = AttemptRules.Checkpoint(2, new("step:a", RawJson.Null), LeaseOf(lease), existing is { } epoch ? new EntryMark(epoch, null) : null, 0);
        Assert.Equal(expected, verdict is null ? "write" : verdict.Value.Code ?? "ack");
    }

    public static TheoryData<CheckpointWrite, long, string?> Sizes => new()
    {
        { new("step:a", Json(Limits.OutputBytes)), 0, null },
        { new("step:a", Json(Limits.OutputBytes + 1)), 0, "The output of \"step:a\" has 1,048,577 bytes; at most 1,048,576 are allowed." },
        { new("step:a", default, LargestStateValue: Limits.StateValueBytes + 1), 0, "A state value in \"step:a\" has 262,145 bytes" },
        { new("step:a", default, Events: [new("t", Json(Limits.PayloadBytes + 1))]), 0, "The payload of event \"t\" in \"step:a\"" },
        { new("step:a", Json(100)), Limits.RunBytes - 106, null },
        { new("step:a", Json(100)), Limits.RunBytes - 105, "The run's journal with \"step:a\"" },
    };

    static RawJson Json(int bytes) => RawJson.Trusted("\"" + new string('x', bytes - 2) + "\"");

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Sizes_are_bounded(CheckpointWrite write, long journal, string? says)
    {
        var verdict = AttemptRules.Checkpoint(2, write, LeaseOf(2), null, journal);
        Assert.Equal(says is null ? null : RefuseCodes.TooLarge, verdict?.Code);
        Assert.StartsWith(says ?? "", verdict?.Message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, null, "completed", false, "write")]
    [InlineData(1, null, "completed", false, RefuseCodes.Superseded)]
    [InlineData(3, null, "completed", false, RefuseCodes.Superseded)]
    [InlineData(null, null, "completed", false, RefuseCodes.Superseded)]
    [InlineData(null, 2, "completed", false, "ack")]
    [InlineData(null, 2, "failed", false, RefuseCodes.Superseded)]
    [InlineData(null, null, "released", true, "write")]
    [InlineData(1, 1, "released", true, "write")]
    [InlineData(3, null, "released", true, RefuseCodes.Superseded)]
    [InlineData(null, 2, "released", true, "ack")]
    public void An_end_of_epoch_2(int? lease, int? ended, string outcome, bool unclaimed, string expected)
    {
        var command = unclaimed ? new ExecuteRun("acme", Key.Run, 2, 1, 1, "job", "h", default, RunTrigger.Manual, 1, default) : null;
        var verdict = AttemptRules.End(new(Key, 2, new(outcome), null) { Unclaimed = command }, LeaseOf(lease), EndedOf(ended), _ => null);
        Assert.Equal(expected, verdict is null ? "write" : verdict.Value.Code ?? "ack");
    }

    [Fact]
    public void A_suspension_names_sleeps_of_the_journal()
    {
        Verdict? Of(params string[] waits) => AttemptRules.End(
            new(Key, 2, new(AttemptOutcomes.Suspended, WaitKeys: waits), null), LeaseOf(2), null,
            key => key switch { "sleep:a" => new EntryMark(2, At), "step:b" => new EntryMark(2, null), _ => null });

        Assert.Null(Of("sleep:a"));
        Assert.Equal(RefuseCodes.Invalid, Of()?.Code);
        Assert.Contains("step:b", Of("sleep:a", "step:b")?.Message, StringComparison.Ordinal);
        Assert.Contains("sleep:c", Of("sleep:c")?.Message, StringComparison.Ordinal);
    }
}
