using Microsoft.Extensions.Logging;

namespace ReactorJobs.Executor.Recovery;

/// <summary>Work that is done at the start and again and again; a failure is said and tried again at the next time.</summary>
static class Recurring
{
    public static async Task Run(string what, TimeSpan every, Func<CancellationToken, Task> work, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            try
            {
                await work(stop);
                await Task.Delay(every, time, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                logger.LogWarning("{What} failed and is tried again: {Reason}", what, exception.Message);
                await Task.Delay(every, time, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
    }
}
