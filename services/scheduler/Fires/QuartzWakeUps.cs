using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quartz;

namespace ReactorJobs.Scheduler.Fires;

/// <summary>
/// Wakes one of the schedulers at the next time of each cron trigger, by Quartz on its clustered store. It begins with the first cron trigger:
/// where there is none it costs nothing. Nothing waits for it, and nothing is lost with it: what is past due fires by the sweep.
/// </summary>
public sealed partial class QuartzWakeUps(
    Func<NpgsqlDataSource> connect, string instance, Func<TriggerKey, Task> fire, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    const int MostAtOnce = 4;
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>What another scheduler has set is known by then, should that one be gone.</summary>
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    static readonly Quartz.JobKey Job = new("fire");

    readonly ILogger logger = loggers.CreateLogger<QuartzWakeUps>();
    readonly ConcurrentDictionary<TriggerKey, DateTimeOffset?> pending = new();
    readonly SemaphoreSlim more = new(0, 1);
    readonly CancellationTokenSource stopping = new();
    readonly Lock gate = new();
    Task? running;

    /// <summary>Whether it has begun.</summary>
    public bool HasBegun => Volatile.Read(ref running) is not null;

    /// <summary>Sets the next time of a trigger; null takes its wake-up away.</summary>
    public void Set(TriggerKey key, DateTimeOffset? at)
    {
        pending[key] = at;
        Begin();
    }

    public void Begin()
    {
        lock (gate)
        {
            if (stopping.IsCancellationRequested)
                return;
            running ??= Task.Run(Run);
            if (more.CurrentCount == 0)
                more.Release();
        }
    }

    async Task Run()
    {
        await using var source = connect();
        IScheduler? scheduler = null;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                scheduler ??= await Start(source);
                await more.WaitAsync(stopping.Token);
                foreach (var (key, at) in pending)
                    if (pending.TryRemove(new(key, at)))
                        await Put(scheduler, key, at);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                // What it was to be told is past due by then, or set again by the next fire.
                Failed(exception.Message);
                await Task.Delay(Pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception)
            {
                // It is told to stop: what went wrong meanwhile is nobody's any more.
                break;
            }
        }

        if (scheduler is not null)
            await scheduler.Shutdown(waitForJobsToComplete: false, CancellationToken.None);
    }

    async Task<IScheduler> Start(NpgsqlDataSource source)
    {
        var builder = QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.Services.AddSingleton(loggers).AddSingleton(fire);
            quartz.ConfigureScheduler(options => (options.InstanceName, options.InstanceId, options.IdleWaitTime) = ("cron", instance, LookEvery));
            quartz.UseTimeProvider(time).UseDefaultThreadPool(MostAtOnce);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(options => options.DataSourceFactory = _ => source);
                store.ConfigureStore(options => options.TablePrefix = "qrtz_");
                store.UseClustering(_ => { });
                store.UseSystemTextJsonSerializer();
            });
        });
        var scheduler = await builder.BuildScheduler(stopping.Token);
        try
        {
            await scheduler.AddJob(JobBuilder.Create<WakeUp>().WithIdentity(Job).StoreDurably().Build(), new() { Replace = true }, stopping.Token);
            await scheduler.Start(stopping.Token);
            return scheduler;
        }
        catch
        {
            await scheduler.Shutdown(waitForJobsToComplete: false, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Each time has a wake-up of its own: one that ends as the next is set takes nothing with it, and one too many finds nothing due.</summary>
    async Task Put(IScheduler scheduler, TriggerKey key, DateTimeOffset? at)
    {
        var group = $"{key.OrgId}/{key.Id}";
        if (at is { } next)
            await scheduler.ScheduleTrigger(
                TriggerBuilder.Create(time).WithIdentity(next.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), group).ForJob(Job).StartAt(next).Build(), TriggerConflict.Keep, stopping.Token);
        else
            await scheduler.UnscheduleJobs(GroupMatcher<Quartz.TriggerKey>.GroupEquals(group), stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Task? last;
        lock (gate)
        {
            stopping.Cancel();
            last = running;
        }

        if (last is not null)
            await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Quartz cannot be told when to wake, and the sweep fires what is due: {Reason}")]
    partial void Failed(string reason);

    /// <summary>What Quartz runs: its trigger's group says which one is to fire.</summary>
    sealed class WakeUp(Func<TriggerKey, Task> fire) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
        {
            var group = context.Trigger.Key.Group;
            var id = group.LastIndexOf('/') + 1;
            await fire(new(group[..(id - 1)], group[id..]));
        }
    }
}
