using System.Security.Cryptography;
using MassTransit;
using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Database;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.HttpHandlers;
using ReactorJobs.Executor.Logs;
using ReactorJobs.Executor.Recovery;
using ReactorJobs.Executor.Schedules;
using ReactorJobs.Executor.Slots;
using ReactorJobs.Executor.Workers;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Executor;

/// <summary>One start of an executor: its parts, put together by hand, and the loops that keep them going.</summary>
public sealed class ExecutorService : IAsyncDisposable
{
    static readonly TimeSpan FlushEvery = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(5);
    static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(4);

    readonly CancellationTokenSource stopping = new();
    readonly IAttemptStore store;
    readonly TimeProvider time;
    readonly ILogger logger;
    readonly Outbox outbox;
    readonly GroupLoop<AttemptItem> loop;
    readonly AttemptInbox inbox;
    readonly HttpHost http;
    readonly Func<string, int, HttpTarget, HttpHost> hostOf;
    readonly LogWriter logs;
    readonly ScheduleQuestions questions;
    readonly Advertiser advertiser;
    Task running = Task.CompletedTask;
    bool stopped;

    public ExecutorService(
        ExecutorOptions options, IAttemptStore store, ServiceDatabase database, Func<ExecutorAdvertised, Task> advertise, Func<OutboxMessage, Task> publish,
        InternalCalls calls, TimeProvider time, IdSource ids, ILoggerFactory loggers)
    {
        options = options.Validated();
        (this.store, this.time, logger) = (store, time, loggers.CreateLogger("Executor"));
        Instance = new(ids.Next(), options.Name);
        outbox = new(publish, logger);
        var journals = new KnownJournals();
        var engine = new AttemptEngine(store, outbox, journals, time, ids, Instance.Id);
        loop = new(options.GroupLimit, engine.Process, time, logger);
        inbox = new(loop.Post, time);
        Dispatcher = new(inbox, journals, time);
        LogFeed = new();
        LogStore = new(database);
        logs = new(LogStore, LogFeed, time, logger);
        questions = new(calls, new(database), time, logger);
        Workers = new(Dispatcher, logs, inbox.Post, Answer, time, ids, TimeSpan.FromMilliseconds(options.HeartbeatMs), logger);
        var tokens = new CallbackTokens(RandomNumberGenerator.GetBytes(32));
        var callback = new Uri(options.PublicUrl.TrimEnd('/') + CallbackEndpoints.Of(Instance.Id.ToString()));
        hostOf = (name, slots, target) => new(name, slots, target, callback, Dispatcher, tokens, time);
        http = hostOf("http", options.HttpSlots, HttpTarget.Url);
        Callbacks = new(tokens, Dispatcher, logs, inbox.Post, Answer, time);
        advertiser = new(Instance, store, Dispatcher, advertise, time, logger);
    }

    public ExecutorInstance Instance { get; }
    public Dispatcher Dispatcher { get; }
    public WorkerEndpoint Workers { get; }
    public CallbackEndpoints Callbacks { get; }
    public LogWriter Logs => logs;

    /// <summary>What runs attempts beside workers and HTTP handlers: it ends when the attempts were handed back.</summary>
    public IAsyncDisposable? Functions { get; set; }
    public LogFeed LogFeed { get; }
    public LogStore LogStore { get; }

    /// <summary>A host of attempts that are run over HTTP; whoever makes it joins it and disposes of it.</summary>
    public HttpHost HostOf(string name, int slots, HttpTarget target) => hostOf(name, slots, target);

    /// <summary>Streams end with it.</summary>
    public CancellationToken Stopping => stopping.Token;

    public async Task Start(CancellationToken stop)
    {
        var abandoned = new AbandonedLeases(store, Instance, loop.Post, time);
        await store.Beat(Instance, time.GetUtcNow(), stop);
        await abandoned.End(stop);
        if (http.Slots > 0)
            Dispatcher.Join(http, SlotPool.AnyOrg, [SlotPool.HttpHandlers]);

        var sweeper = new OutboxSweeper(store, outbox, time);
        running = Task.WhenAll(
            advertiser.Run(stopping.Token),
            Repeat("The outbox sweep", OutboxSweeper.Every, sweeper.Sweep),
            Repeat("The outbox flush", FlushEvery, Flush),
            Repeat("The heartbeat", BeatEvery, token => store.Beat(Instance, time.GetUtcNow(), token)),
            Repeat("The end of abandoned leases", AbandonedLeases.Every, abandoned.End));
    }

    /// <summary>Advertises the end, hands the attempts back, and waits for what is on its way to the store.</summary>
    public async Task Stop()
    {
        if (stopped)
            return;
        stopped = true;
        await stopping.CancelAsync();
        await running;
        await Task.WhenAny(Dispatcher.Stop(), Task.Delay(StopPatience, time));
        if (Functions is { } functions)
            await functions.DisposeAsync();
        await Workers.Stop();
        await logs.DisposeAsync();
        await loop.DisposeAsync();
    }

    /// <summary>Of what a handler asks; never fails.</summary>
    public Task<ServerFrame> Answer(LiveAttempt attempt, AskFrame ask) => questions.Answer(attempt, ask);

    public void Post(AttemptItem item) => inbox.Post(item);

    Task Repeat(string what, TimeSpan every, Func<CancellationToken, Task> work) => Recurring.Run(what, every, work, time, logger, stopping.Token);

    /// <summary>Under load the next group deletes what is confirmed; when idle there is no next group.</summary>
    Task Flush(CancellationToken stop)
    {
        if (outbox.HasConfirmed)
            loop.Post(new FlushOutboxItem());
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        Dispatcher.Dispose();
        inbox.Dispose();
        Workers.Dispose();
        http.Dispose();
        stopping.Dispose();
    }
}
