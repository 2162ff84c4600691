using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Executor.Recovery;

/// <summary>
/// Ends the leases of executors that are gone: earlier starts under this name, and instances that have been silent for an hour. The
/// schedulers learn of a gone executor by its advertisements, so nothing is sent.
/// </summary>
public sealed class AbandonedLeases(IAttemptStore store, ExecutorInstance self, Action<AttemptItem> post, TimeProvider time)
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Silence = TimeSpan.FromHours(1);
    const int Group = 100;

    public async Task End(CancellationToken stop)
    {
        var silentSince = time.GetUtcNow() - Silence;
        while (await store.LeasesOfGone(self, silentSince, Group, stop) is { Count: > 0 } leases)
        {
            var ended = leases.Select(x => EndOne(x.Key, x.Epoch)).ToArray();
            await Task.WhenAll(ended);
        }

        await store.ForgetGone(self, silentSince, stop);
    }

    Task EndOne(RunKey key, int epoch)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        post(new EndItem(key, epoch, Ending.Lost, (_, failure) =>
        {
            if (failure is null)
                done.SetResult();
            else
                done.SetException(failure);
        })
        { Silent = true });
        return done.Task;
    }
}
