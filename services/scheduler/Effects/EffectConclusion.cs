using System.Globalization;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Effects;

/// <summary>What follows from a result with effects: the run is complete and others begin with that, or it has failed for good. It touches nothing.</summary>
public static class EffectConclusion
{
    public const string InvalidEffect = "invalid_effect";

    /// <param name="definition">The job definition of that name; null where there is none.</param>
    public static AttemptConclusion Of(Run run, AttemptFinished outcome, DateTimeOffset now, Func<JobKey, Job?> definition)
    {
        var effects = ResultEffects.Read(outcome.Result);
        if (effects.Fault is { } fault)
            return Refused(fault);
        var follows = new AcceptRun[effects.Jobs.Count];
        for (var i = 0; i < follows.Length; i++)
        {
            var effect = effects.Jobs[i];
            if (definition(new(run.OrgId, effect.Definition)) is not { } job)
                return Refused($"{effect.Pointer}/definition: there is no job definition \"{effect.Definition}\"");
            follows[i] = new(run.OrgId, IdOf(outcome, i), job, effect.Parameters, new(TriggerKinds.Effect, run.Id.ToString())) { RunAt = effect.At.From(now) };
        }

        return new AttemptConclusion.Complete { Follows = follows };
    }

    /// <summary>
    /// The id of the run that an effect starts: of the outcome and the effect's place in it, so that the same outcome again means the same run;
    /// and of the time at which the attempt ended, so that a chain of runs is in order.
    /// </summary>
    public static RunId IdOf(AttemptFinished outcome, int ordinal) =>
        new(IdSource.Derive(outcome.RunId.Value, $"effect {ordinal.ToString(CultureInfo.InvariantCulture)}", outcome.EndedAt));

    static AttemptConclusion.Bury Refused(string fault) => new(new("InvalidEffect", fault, InvalidEffect));
}

/// <summary>What a message to a run may touch besides that run: its group locks them before it knows whether the run's result counts.</summary>
public sealed record EffectKeys(IReadOnlyList<JobKey> Jobs, IReadOnlyList<Committing.RunKey> Runs)
{
    /// <summary>Null for nearly every message: nothing.</summary>
    public static EffectKeys? Of(object message)
    {
        if (message is not AttemptFinished { Outcome: AttemptOutcomes.Completed } outcome || ResultEffects.Read(outcome.Result).Jobs is not { Count: > 0 } jobs)
            return null;
        return new(
            [.. jobs.Select(x => new JobKey(outcome.OrgId, x.Definition))],
            [.. jobs.Select((_, i) => new Committing.RunKey(outcome.OrgId, EffectConclusion.IdOf(outcome, i)))]);
    }
}
