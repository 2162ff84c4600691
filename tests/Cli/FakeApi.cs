using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ReactorJobs.Tests.Cli;

/// <param name="Target">As it stood in the request line: <c>%2F</c> is still <c>%2F</c>.</param>
/// <param name="Bytes">The body as it came.</param>
sealed record Seen(string Method, string Target, IHeaderDictionary Headers, byte[] Bytes)
{
    /// <summary>The body as text; a bundle is none.</summary>
    public string Body => Headers.ContentType == "application/gzip" ? "" : Encoding.UTF8.GetString(Bytes);

    public override string ToString() => $"{Method} {Target}{(Body.Length > 0 ? $" {Body}" : "")}";
}

/// <summary>A server that answers what the test says, in order, and keeps what it was asked. One that was told nothing answers <c>{}</c>.</summary>
sealed class FakeApi : IAsyncDisposable
{
    readonly WebApplication app;
    readonly ConcurrentQueue<Func<HttpContext, Task>> answers = new();
    readonly ConcurrentQueue<Seen> seen = new();

    FakeApi(WebApplication app) => this.app = app;

    public string Url { get; private set; } = "";

    public IReadOnlyList<Seen> Requests => [.. seen];

    public Seen Request => Assert.Single(seen);

    public static async Task<FakeApi> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var api = new FakeApi(app);
        app.Run(api.Serve);
        await app.StartAsync();
        api.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return api;
    }

    public FakeApi Answers(string json, int status = 200, params (string Name, string Value)[] headers) => Does(async http =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = status < 400 ? "application/json" : "application/problem+json";
        foreach (var (name, value) in headers) http.Response.Headers[name] = value;
        if (status != 204) await http.Response.WriteAsync(json);
    });

    public FakeApi Refuses(int status, string code, string detail, string? errors = null, params (string Name, string Value)[] headers) =>
        Answers($$"""{"status":{{status}},"title":"T","code":"{{code}}","detail":"{{detail}}"{{(errors is null ? "" : $",\"errors\":{errors}")}}}""", status, headers);

    /// <summary>A stream of these events, ended by the server.</summary>
    public FakeApi Streams(params string[] events) => Does(async http =>
    {
        http.Response.ContentType = "text/event-stream";
        foreach (var e in events) await http.Response.WriteAsync($"{e}\n\n");
    });

    public FakeApi Does(Func<HttpContext, Task> answer)
    {
        answers.Enqueue(answer);
        return this;
    }

    async Task Serve(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        seen.Enqueue(new Seen(http.Request.Method, http.Features.Get<IHttpRequestFeature>()!.RawTarget, new HeaderDictionary(http.Request.Headers.ToDictionary()), body.ToArray()));
        if (answers.TryDequeue(out var answer)) await answer(http);
        else await http.Response.WriteAsync("{}");
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
