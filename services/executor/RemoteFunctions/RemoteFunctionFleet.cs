using System.Net.Http.Json;
using Microsoft.Extensions.Logging;
using ReactorJobs.Executor.HttpHandlers;
using ReactorJobs.Executor.Recovery;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.RemoteFunctions;

/// <summary>
/// The live functions of another installation as handlers of this one: per org a host of the dispatcher, which calls them as it calls
/// handlers behind a URL. What is promoted there takes runs within a second.
/// </summary>
public sealed class RemoteFunctionFleet(FunctionServer server, InternalCalls calls, ExecutorService executor, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly ILogger logger = loggers.CreateLogger("Functions");
    readonly CancellationTokenSource stopping = new();
    readonly Dictionary<string, (HttpHost Host, string[] Functions)> orgs = new(StringComparer.Ordinal);
    Task looking = Task.CompletedTask;
    bool silenceIsSaid;

    /// <summary>A server that is not there yet keeps nobody from starting.</summary>
    public void Start() => looking = Recurring.Run("The look for promoted functions", LookEvery, Look, time, logger, stopping.Token);

    async Task Look(CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            foreach (var org in await Orgs(either.Token))
                Serve(org, await server.Live(org, either.Token));
            silenceIsSaid = false;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // What was known goes on to be called: its runs fail, and are tried again, as by any URL that does not answer.
            if (!silenceIsSaid)
                logger.LogWarning("The functions server {Url} does not answer: {Reason}", server.Url, exception.Message);
            silenceIsSaid = true;
        }
    }

    void Serve(string org, string[] live)
    {
        if (orgs.TryGetValue(org, out var known) ? known.Functions.SequenceEqual(live) : live.Length == 0)
            return;
        var host = known.Host ?? executor.HostOf("functions", server.Slots, server.Target);
        orgs[org] = (host, live);
        executor.Dispatcher.Join(host, org, live);
    }

    async Task<string[]> Orgs(CancellationToken stop)
    {
        using var response = await calls.Send(HttpMethod.Get, calls.Ingress, "/internal/ingress/orgs", null, stop);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<string[]>(stop))!;
    }

    /// <summary>The attempts were handed back before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested)
            return;
        await stopping.CancelAsync();
        await looking;
        foreach (var (host, _) in orgs.Values)
            host.Dispose();
        server.Dispose();
    }
}
