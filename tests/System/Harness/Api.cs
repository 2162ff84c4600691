using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>One answer of the API, read whole.</summary>
sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text) ?? throw new InvalidOperationException("The answer is null.");

    /// <summary>The stable code of a refusal.</summary>
    public string? Code => (string?)Json["code"];

    public Answer Is(HttpStatusCode expected) => Status == expected ? this : throw new InvalidOperationException($"Expected {(int)expected}, got {(int)Status}: {Text}");

    public Answer Refused(HttpStatusCode status, string code)
    {
        Is(status);
        Assert.Equal(code, Code);
        return this;
    }
}

/// <summary>The HTTP API as a caller uses it.</summary>
sealed class Api : IDisposable
{
    readonly HttpClient client;

    public Api(string url, string token)
    {
        client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1) })
        {
            BaseAddress = new Uri(url),
            Timeout = TimeSpan.FromSeconds(45),
        };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    public async Task<Answer> Upload(string path, HttpContent content)
    {
        using var response = await client.PostAsync(path, content);
        return new(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    public Task<Answer> Get(string path) => Send(HttpMethod.Get, path, null);

    public Task<Answer> Post(string path, string? body = null, string? idempotencyKey = null) => Send(HttpMethod.Post, path, body, idempotencyKey);

    public async Task<Answer> Send(HttpMethod method, string path, string? body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await client.SendAsync(request);
        return new(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends until the suite answers: over refused and cut connections, and while it says that it is not available.</summary>
    public async Task<Answer> Persist(HttpMethod method, string path, string? body = null, string? idempotencyKey = null)
    {
        while (true)
        {
            try
            {
                var answer = await Send(method, path, body, idempotencyKey);
                if ((int)answer.Status < 500)
                    return answer;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException or SocketException)
            {
                // The suite is down, or went down before the answer was read: what it made of the request, the same key finds again.
            }

            await Until.Pause();
        }
    }

    /// <summary>All items of a list, page by page.</summary>
    public async Task<IReadOnlyList<JsonNode>> All(string path)
    {
        var items = new List<JsonNode>();
        for (var next = path; next is not null;)
        {
            var answer = (await Get(next)).Is(HttpStatusCode.OK);
            items.AddRange(answer.Json.AsArray().Select(item => item!));
            next = answer.Headers.TryGetValues("Link", out var links) ? Next(links.Single()) : null;
        }

        return items;
    }

    static string? Next(string link) => link.EndsWith("; rel=\"next\"", StringComparison.Ordinal) ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;

    public async Task Job(string name, object? settings = null)
    {
        var job = JsonSerializer.SerializeToNode(settings ?? new { })!.AsObject();
        job["name"] = name;
        if (!job.ContainsKey("handler"))
            job["handler"] = name;
        (await Post("/jobs/v1/_admin/jobs", job.ToJsonString())).Is(HttpStatusCode.Created);
    }

    /// <summary>Triggers a job and gives the run's id.</summary>
    public async Task<string> Trigger(string job, object? payload = null) =>
        (string)(await Post($"/jobs/v1/{job}/trigger", JsonSerializer.Serialize(new { payload }))).Is(HttpStatusCode.Accepted).Json["id"]!;

    public async Task<JsonNode> Run(string id) => (await Get($"/jobs/v1/runs/{id}")).Is(HttpStatusCode.OK).Json;

    /// <summary>The run when it has ended.</summary>
    public async Task<JsonNode> Ended(string id)
    {
        var run = (await Get($"/jobs/v1/runs/{id}?wait=30s")).Is(HttpStatusCode.OK).Json;
        return (string?)run["completed_at"] is not null ? run : throw new TimeoutException($"The run has not ended within 30 s: {run}");
    }

    public Task<JsonNode> Is(string id, string status) => Until.Some($"{id} is {status}", async () => await Run(id) is var run && (string?)run["status"] == status ? run : null);

    public Task<HttpResponseMessage> Stream(string path) => client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);

    public void Dispose() => client.Dispose();
}
