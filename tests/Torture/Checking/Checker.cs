namespace ReactorJobs.Tests.Torture.Checking;

/// <summary>Every promise of the suite, tested on what a trial has left. It decides by the history alone.</summary>
static class Checker
{
    public static IReadOnlyList<Violation> Check(History history) =>
    [
        .. RunPromises.Check(history), .. CancelPromises.Check(history), .. AttemptPromises.Check(history), .. StepPromises.Check(history), .. SleepPromises.Check(history),
        .. EventPromises.Check(history), .. SchedulePromises.Check(history), .. OrgPromises.Check(history), .. CounterPromises.Check(history), .. QuietPromises.Check(history),
    ];
}
