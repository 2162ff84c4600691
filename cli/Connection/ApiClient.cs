using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Connection;

/// <summary>One request, one answer, or one stream of events. Nothing is sent twice by itself: whether a repeat is harmless, the user knows.</summary>
sealed class ApiClient : IDisposable
{
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(100);

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
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var headers = http.DefaultRequestHeaders;
        headers.UserAgent.Add(new ProductInfoHeaderValue("reactor-cli", typeof(ApiClient).Assembly.GetName().Version?.ToString(3)));
        if (connection.Token is { } token) headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (connection.Org is { } org) headers.TryAddWithoutValidation("X-Reactor-Org", org);
    }

    public string Url => connection.Address;

    public Task<ApiAnswer> Get(string path, CancellationToken ct) => Send(HttpMethod.Get, path, null, null, ct);

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
        Send(HttpMethod.Post, path, body, idempotencyKey, ct);

    public Task<ApiAnswer> Patch(string path, JsonNode body, CancellationToken ct) => Send(HttpMethod.Patch, path, body, null, ct);

    public Task<ApiAnswer> Delete(string path, CancellationToken ct) => Send(HttpMethod.Delete, path, null, null, ct);

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

    async Task<ApiAnswer> Send(HttpMethod method, string path, JsonNode? body, string? idempotencyKey, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, Address(path));
        if (idempotencyKey is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var tooLate = new CancellationTokenSource(AnswerWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, tooLate.Token);
        try
        {
            using var response = await Exchange(request, HttpCompletionOption.ResponseContentRead, either.Token);
            await Accept(response, either.Token);
            var text = await response.Content.ReadAsStringAsync(either.Token);
            var links = response.Headers.TryGetValues("Link", out var values) ? values : [];
            return new ApiAnswer((int)response.StatusCode, text, ApiAnswer.Read(text), ApiAnswer.CursorOf(links));
        }
        catch (JsonException)
        {
            throw new Failure(ExitCode.Failed, $"{connection.Address} answered something else than JSON", "is that address a Reactor suite?");
        }
        catch (OperationCanceledException) when (tooLate.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new ConnectionLost($"{connection.Address} did not answer within {AnswerWithin.TotalSeconds:0} s");
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
