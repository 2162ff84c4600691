using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.HttpHandlers;

/// <summary>Where an attempt's request goes.</summary>
/// <param name="IsOfHandler">Whether an answer is the handler's own, and not one of what stands before it.</param>
public sealed record HttpTarget(Func<ExecuteRun, HttpRequestMessage> Request, Func<HttpResponseMessage, bool> IsOfHandler)
{
    /// <summary>The URL that is the handler.</summary>
    public static readonly HttpTarget Url = new(run => new(HttpMethod.Post, new Uri(run.Handler, UriKind.Absolute)), _ => true);
}

/// <summary>Runs attempts over HTTP: one POST each, for as long as the attempt lasts.</summary>
public sealed class HttpHost : AttemptHost, IDisposable
{
    static readonly MediaTypeHeaderValue Json = new("application/json");

    readonly ConcurrentDictionary<LiveAttempt, CancellationTokenSource> requests = new();
    readonly HttpTarget target;
    readonly Dispatcher dispatcher;
    readonly CallbackTokens tokens;
    readonly TimeProvider time;
    readonly string callback;
    readonly HttpClient client;

    public HttpHost(string name, int slots, HttpTarget target, Uri callback, Dispatcher dispatcher, CallbackTokens tokens, TimeProvider time) : base(name, slots)
    {
        (this.target, this.dispatcher, this.tokens, this.time) = (target, dispatcher, tokens, time);
        this.callback = callback.ToString();
        client = new(Direct()) { Timeout = Timeout.InfiniteTimeSpan }; // the attempt's own limit applies
    }

    /// <summary>Goes where it is sent, and carries nothing from one request to the next.</summary>
    public static HttpMessageHandler Direct() => new ConnectionFaults(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
    });

    public override void Start(LiveAttempt attempt)
    {
        requests[attempt] = new();
        _ = Task.Run(() => Run(attempt));
    }

    public override void Abort(LiveAttempt attempt, string reason)
    {
        if (requests.TryGetValue(attempt, out var request))
            _ = request.CancelAsync(); // not here: the dispatcher holds its lock
    }

    async Task Run(LiveAttempt attempt)
    {
        var abort = requests[attempt];
        try
        {
            End(attempt, await Post(attempt, abort.Token));
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            // Whoever aborted it has ended the attempt.
        }
        catch (Exception exception) when (exception is UriFormatException or NotSupportedException or InvalidOperationException or FormatException)
        {
            End(attempt, new(AttemptOutcomes.Failed, Error: new("HandlerError", $"The handler's URL cannot be called: {exception.Message}"), Fatal: true));
        }
        catch (Exception exception)
        {
            // Whatever it was: an attempt that nobody ends holds its slot until its time is up.
            End(attempt, HttpAnswer.Unreachable((exception.InnerException ?? exception).Message));
        }
        finally
        {
            requests.TryRemove(attempt, out _);
        }
    }

    async Task<Ending> Post(LiveAttempt attempt, CancellationToken abort)
    {
        var run = attempt.Command;
        using var request = target.Request(run);
        request.Content = new ReadOnlyMemoryContent(run.Payload.Utf8);
        request.Content.Headers.ContentType = Json;
        request.Headers.Add("Reactor-Run", run.RunId.ToString());
        request.Headers.Add("Reactor-Epoch", run.Epoch.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("Reactor-Attempt", run.Attempt.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("Reactor-Job", run.Job);
        request.Headers.Add("Reactor-Org", run.OrgId);
        request.Headers.Add("Reactor-Callback", callback);
        request.Headers.Add("Reactor-Callback-Token", tokens.For(attempt.Key, attempt.Epoch));
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, abort);
        var answer = new HttpAnswer((int)response.StatusCode, Header(response, "Reactor-Outcome"), Header(response, "Retry-After"), await Body(response, abort));
        return target.IsOfHandler(response) ? answer.Read(time.GetUtcNow()) : answer.NotOfHandler(time.GetUtcNow());
    }

    static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    static async Task<byte[]?> Body(HttpResponseMessage response, CancellationToken abort)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(abort);
        using var body = new MemoryStream();
        var part = new byte[16 << 10];
        int read;
        while ((read = await stream.ReadAsync(part, abort)) > 0)
        {
            body.Write(part, 0, read);
            if (body.Length > Limits.OutputBytes)
                return null;
        }

        return body.ToArray();
    }

    /// <summary>An end that the store refuses is the attempt's failure; one that it cannot take now is offered again.</summary>
    void End(LiveAttempt attempt, Ending ending) => dispatcher.End(attempt, ending, 0, (item, failure) =>
    {
        if (failure is StoreUnavailable)
            End(attempt, ending);
        else if (failure is not null)
            End(attempt, new(AttemptOutcomes.Failed, Error: new("StoreError", "The handler's answer could not be stored; the executor's log says why."), Fatal: true));
        else if (item.Verdict is { IsAck: false, Code: not RefuseCodes.Superseded })
            End(attempt, new(AttemptOutcomes.Failed, Error: new("ProtocolError", item.Verdict.Message ?? ""), Fatal: true));
    });

    public void Dispose() => client.Dispose();
}
