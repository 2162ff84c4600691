using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;
using ReactorJobs.Cli.Runs;
using ReactorJobs.Embedded;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Cli.Dev;

/// <summary>The example worker in a process of its own, and its job.</summary>
sealed class WelcomeExample : IAsyncDisposable
{
    const string Job = "welcome";
    const string Folder = "examples/welcome";

    readonly DevSuite host;
    readonly DevScreen screen;
    readonly Process worker;
    readonly HttpClient client;

    WelcomeExample(DevSuite host, DevScreen screen, Process worker)
    {
        this.host = host;
        this.screen = screen;
        this.worker = worker;
        client = new HttpClient(new ConnectionFaults(new SocketsHttpHandler())) { BaseAddress = new Uri(host.Url) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", host.Token);
    }

    /// <summary>Whether its job is in the suite: then it needs its worker, whatever else is there by now.</summary>
    public static async Task<bool> IsIn(Session session, CancellationToken ct)
    {
        try
        {
            await session.Api.Get(ApiPath.Job(Job), ct);
            return true;
        }
        catch (ApiRefusal refusal) when (refusal.Code == "job_not_found")
        {
            return false;
        }
    }

    /// <summary>Starts the worker; null, with a line that says why, when there is none to start.</summary>
    public static async Task<WelcomeExample?> Start(DevSuite host, DevScreen screen, CancellationToken ct)
    {
        if (Script() is not { } script)
        {
            screen.Report($"the example is left out: {Folder} is not built (npm run build there)");
            return null;
        }

        screen.Report("starting the example's worker");
        var start = new ProcessStartInfo("node", [script]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["REACTOR_URL"] = host.Url;
        start.Environment["REACTOR_TOKEN"] = host.Token;
        start.Environment["REACTOR_ORG"] = "acme";
        start.Environment["REACTOR_END_WITH_STDIN"] = "1";
        Process worker;
        try
        {
            worker = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            screen.Report("the example is left out: node is not on the PATH");
            return null;
        }

        if (await worker.StandardOutput.ReadLineAsync(ct) is not null)
            return new WelcomeExample(host, screen, worker);
        screen.Report("the example is left out: its worker did not start");
        worker.Dispose();
        return null;
    }

    /// <summary>Runs the job at the first start on this data, and draws the run.</summary>
    public async Task RunOnce(CancellationToken ct)
    {
        await Send(HttpMethod.Post, "/jobs/v1/_admin/jobs", new { name = Job, handler = Job }, ct);
        if ((await Send(HttpMethod.Get, $"/jobs/v1/_admin/jobs/{Job}/runs?limit=1", null, ct)).GetArrayLength() > 0)
            return;
        screen.Report("running the example job");
        var accepted = await Send(HttpMethod.Post, $"/jobs/v1/{Job}/trigger", new { payload = new { name = "Ada" } }, ct);
        var run = await Send(HttpMethod.Get, $"/jobs/v1/runs/{accepted.GetProperty("id").GetString()}?wait=30s", null, ct);
        var view = new View(Terminal.OfThisProcess().ErrorPaint, TimeProvider.System.GetUtcNow(), Terminal.OfThisProcess().Width);
        screen.Text("\n" + Timeline.Render(run, view));
    }

    async Task<JsonElement> Send(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await client.SendAsync(request, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement
            : throw new InvalidOperationException($"{method} {path} answered {(int)response.StatusCode}: {text}");
    }

    // From a build folder below the checkout, wherever that is.
    static string? Script()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, Folder, "dist", "worker.js") is var script && File.Exists(script))
                return script;
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        worker.StandardInput.Close();
        await worker.WaitForExitAsync();
        worker.Dispose();
    }
}
