using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.HttpHandlers;
using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Executor.RemoteFunctions;

/// <summary>Another installation that keeps and runs the functions in place of this one.</summary>
/// <param name="Key">Shown to it as a bearer token.</param>
/// <param name="Slots">How many runs of its functions this executor has under way at once, in each org.</param>
public sealed record FunctionServerOptions(Uri Url, string? Key, int Slots)
{
    /// <summary>Null where functions run here.</summary>
    public static FunctionServerOptions? From(JobsSettings jobs, FunctionsSettings functions) =>
        functions.Url is { } url ? new(new(url), functions.ApiKey, jobs.WorkerCount) : null;
}

/// <summary>The way to it. Its requests are in the name of an org, which is called the same there.</summary>
public sealed class FunctionServer : IDisposable
{
    public const string FunctionHeader = "X-Reactor-Function";
    const string OrgHeader = "X-Reactor-Org";
    const int PageSize = 500;

    readonly FunctionServerOptions options;
    readonly HttpClient client;

    public FunctionServer(FunctionServerOptions options)
    {
        this.options = options;
        Url = options.Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
        client = new(HttpHost.Direct()) { Timeout = Timeout.InfiniteTimeSpan };
        Target = new(run => Request(HttpMethod.Post, $"/functions/v1/{Uri.EscapeDataString(run.Handler)}", run.OrgId), response => response.Headers.Contains(FunctionHeader));
    }

    /// <summary>Its address, without what is secret in it.</summary>
    public string Url { get; }

    /// <summary>Whether it answered when it was last asked; null before that.</summary>
    public bool? Reachable { get; private set; }

    public int Slots => options.Slots;

    /// <summary>Where attempts go whose handler is one of its functions. What does not come from a function is no word of the handler's.</summary>
    public HttpTarget Target { get; }

    /// <param name="path">With the query; escaped.</param>
    public HttpRequestMessage Request(HttpMethod method, string path, string org)
    {
        var request = new HttpRequestMessage(method, new Uri(Url + path));
        if (options.Key is { } key)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add(OrgHeader, org);
        return request;
    }

    /// <summary>Completes when the answer's headers are there.</summary>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    public async Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken stop)
    {
        try
        {
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            Reachable = true;
            return response;
        }
        catch (HttpRequestException)
        {
            Reachable = false;
            throw;
        }
    }

    /// <summary>The functions of an org that have a live version; none where the key does not open the org.</summary>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    public async Task<string[]> Live(string org, CancellationToken stop)
    {
        var live = new List<string>();
        for (var cursor = ""; ;)
        {
            using var request = Request(HttpMethod.Get, $"/functions/v1/_admin/functions?limit={PageSize}{(cursor.Length == 0 ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}", org);
            using var response = await Send(request, stop);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
                return [];
            var page = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Listed[]>(Json, stop))!;
            live.AddRange(page.Where(x => x.LiveVersion is not null).Select(x => x.Name));
            if (page.Length < PageSize)
                return [.. live.Order(StringComparer.Ordinal)];
            cursor = page[^1].Name;
        }
    }

    /// <summary>The job that the live version of a function brings, where it brings one.</summary>
    public async Task<RawJson?> LiveJob(string org, string name, CancellationToken stop)
    {
        using var request = Request(HttpMethod.Get, $"/functions/v1/_admin/functions/{Uri.EscapeDataString(name)}", org);
        using var response = await Send(request, stop);
        var function = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Detailed>(Json, stop))!;
        return function.Versions.FirstOrDefault(x => x.Version == function.LiveVersion)?.Job is { ValueKind: JsonValueKind.Object } job
            ? RawJson.Trusted(JsonSerializer.SerializeToUtf8Bytes(job))
            : null;
    }

    public void Dispose() => client.Dispose();

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    sealed record Listed(string Name, int? LiveVersion);

    sealed record Detailed(int? LiveVersion, IReadOnlyList<DeployedVersion> Versions);

    sealed record DeployedVersion(int Version, JsonElement? Job);
}

/// <summary>What health shows of it.</summary>
public sealed record FunctionServerView(string Url, bool Reachable)
{
    public static FunctionServerView Of(FunctionServer server) => new(server.Url, server.Reachable == true);
}
