using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Output;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Cli.Connection;

/// <summary>One request, one answer, or one stream of events. Nothing is sent twice by itself: whether a repeat is harmless, the user knows.</summary>
sealed class ApiClient : IDisposable
{
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(100);

    /// <summary>A bundle may be large, the line slow, and the build wait for others; a function takes what its own limit allows.</summary>
    static readonly TimeSpan WorkWithin = TimeSpan.FromMinutes(10);

    readonly ConnectionSettings connection;
    readonly TimeProvider clock;
    readonly HttpClient http;

    public ApiClient(ConnectionSettings connection, TimeProvider clock)
    {
        this.connection = connection;
        this.clock = clock;
        var handler = new SocketsHttpHandler
        {
            // A redirect would turn a POST into a GET; better to name the right address.
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            UseCookies = false,
            // A proxy of the company's cannot reach this machine's loopback.
            UseProxy = !connection.Url.IsLoopback,
            ActivityHeadersPropagator = null,
        };
        // The limit is set per request: a stream of events may stay quiet for as long as it likes.
        http = new HttpClient(new ConnectionFaults(handler)) { Timeout = Timeout.InfiniteTimeSpan };
        var headers = http.DefaultRequestHeaders;
        headers.UserAgent.Add(new ProductInfoHeaderValue("reactor-cli", typeof(ApiClient).Assembly.GetName().Version?.ToString(3)));
        if (connection.Token is { } token) headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (connection.Org is { } org) headers.TryAddWithoutValidation("X-Reactor-Org", org);
    }

    public string Url => connection.Address;

    public string? Org => connection.Org;

    public Task<ApiAnswer> Get(string path, CancellationToken ct) => Send(HttpMethod.Get, path, null, ct);

    /// <summary>A suite that is not well answers 503, and says in the body what is down: an answer too.</summary>
    public async Task<ApiAnswer> Health(CancellationToken ct)
    {
        try
        {
            return await Get(ApiPath.Health, ct);
        }
        catch (ApiRefusal refusal) when (refusal.Status == 503 && refusal.Body.Field("capabilities") is not null)
        {
            return new ApiAnswer(refusal.Status, refusal.Body.GetRawText(), refusal.Body, null);
        }
    }

    public Task<ApiAnswer> Post(string path, JsonNode? body, CancellationToken ct, string? idempotencyKey = null) =>
        Send(HttpMethod.Post, path, body, ct, idempotencyKey);

    public Task<ApiAnswer> Put(string path, JsonNode body, CancellationToken ct) => Send(HttpMethod.Put, path, body, ct);

    public Task<ApiAnswer> Patch(string path, JsonNode body, CancellationToken ct) => Send(HttpMethod.Patch, path, body, ct);

    public Task<ApiAnswer> Delete(string path, CancellationToken ct) => Send(HttpMethod.Delete, path, null, ct);

    /// <param name="sent">Told how many bytes have gone out.</param>
    public Task<ApiAnswer> Upload(string path, byte[] archive, Action<int> sent, CancellationToken ct) => Within(WorkWithin, async stop =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(path)) { Content = new UploadContent(archive, sent) };
        // What is refused for its size or its name is refused before it is sent.
        request.Headers.ExpectContinue = true;
        return await Answer(request, stop);
    }, ct);

    /// <summary>What a function answers, whatever it is; an answer that is not the function's own is a refusal.</summary>
    public Task<FunctionAnswer> Invoke(string path, string? payload, CancellationToken ct) => Within(WorkWithin, async stop =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(path));
        if (payload is not null) request.Content = new StringContent(payload, Encoding.UTF8, "application/json");
        using var response = await Exchange(request, HttpCompletionOption.ResponseContentRead, stop);
        if (!FunctionAnswer.IsOf(response)) await Accept(response, stop);
        return await FunctionAnswer.Read(response, stop);
    }, ct);

    /// <summary>The events of one connection, until the server or the caller ends it; a connection that breaks is a <see cref="ConnectionLost"/>.</summary>
    public async IAsyncEnumerable<SseItem<string>> Events(string path, string? lastEventId, [EnumeratorCancellation] CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(path));
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        using var response = await Exchange(request, HttpCompletionOption.ResponseHeadersRead, ct);
        await Accept(response, ct);
        var parser = SseParser.Create(await response.Content.ReadAsStreamAsync(ct));
        await using var items = parser.EnumerateAsync(ct).GetAsyncEnumerator(ct);
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync()) yield break;
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw new ConnectionLost($"the connection to {connection.Address} broke: {e.Message}");
            }
            // The id stays until the next one (SSE's rule), so it is the parser's and not the item's.
            yield return new SseItem<string>(items.Current.Data, items.Current.EventType) { EventId = parser.LastEventId };
        }
    }

    Task<ApiAnswer> Send(HttpMethod method, string path, JsonNode? body, CancellationToken ct, string? idempotencyKey = null) => Within(AnswerWithin, async stop =>
    {
        using var request = new HttpRequestMessage(method, Address(path));
        if (idempotencyKey is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await Answer(request, stop);
    }, ct);

    async Task<ApiAnswer> Answer(HttpRequestMessage request, CancellationToken ct)
    {
        using var response = await Exchange(request, HttpCompletionOption.ResponseContentRead, ct);
        await Accept(response, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        var links = response.Headers.TryGetValues("Link", out var values) ? values : [];
        try
        {
            return new ApiAnswer((int)response.StatusCode, text, ApiAnswer.Read(text), ApiAnswer.CursorOf(links));
        }
        catch (JsonException)
        {
            throw new Failure(ExitCode.Failed, $"{connection.Address} answered something else than JSON", "is that address a Reactor suite?");
        }
    }

    async Task<T> Within<T>(TimeSpan limit, Func<CancellationToken, Task<T>> exchange, CancellationToken ct)
    {
        using var tooLate = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, tooLate.Token);
        try
        {
            return await exchange(either.Token);
        }
        catch (OperationCanceledException) when (tooLate.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new ConnectionLost($"{connection.Address} did not answer within {limit.TotalSeconds:0} s");
        }
    }

    async Task<HttpResponseMessage> Exchange(HttpRequestMessage request, HttpCompletionOption until, CancellationToken ct)
    {
        try
        {
            return await http.SendAsync(request, until, ct);
        }
        catch (HttpRequestException e) when (Inner<SocketException>(e) is { SocketErrorCode: SocketError.ConnectionRefused })
        {
            throw new ConnectionLost($"nothing answers at {connection.Address}: connection refused", Hints.NotRunning);
        }
        catch (HttpRequestException e)
        {
            throw new ConnectionLost($"cannot reach {connection.Address}: {e.GetBaseException().Message}");
        }
    }

    async Task Accept(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.IsSuccessStatusCode) return;
        if (response.Headers.Location is { } elsewhere && (int)response.StatusCode is >= 300 and < 400)
            throw new Failure(ExitCode.Failed, $"{connection.Address} sends on to {elsewhere}", "give that address as --url or REACTOR_URL");
        var body = await response.Content.ReadAsStringAsync(ct);
        throw ApiRefusal.Of((int)response.StatusCode, response.ReasonPhrase, body, response.Headers.RetryAfter?.Delta, connection);
    }

    Uri Address(string path) => new(connection.Address + path);

    static T? Inner<T>(Exception? e) where T : Exception
    {
        for (; e is not null; e = e.InnerException)
            if (e is T found) return found;
        return null;
    }

    public void Dispose() => http.Dispose();
}

/// <summary>No answer, or one that broke off: what was asked may or may not have happened.</summary>
sealed class ConnectionLost(string message, string? hint = null) : Failure(Cli.ExitCode.Failed, message, hint);
