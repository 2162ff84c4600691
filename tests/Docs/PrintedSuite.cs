using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace ReactorJobs.Tests.Docs;

/// <summary>
/// What a reader of the quickstart and the guide has: a checkout whose <c>./reactor</c> is on the PATH, a project's folder, and a suite that
/// <c>./reactor dev</c> has started there under the guide's settings. What is printed is typed as it is; only host, token and ids are others.
/// </summary>
public sealed class PrintedSuite : IAsyncLifetime
{
    internal const string Name = "the suite of what is printed";

    readonly HttpClient client = new();
    DevSession? session;

    internal Checkout Checkout { get; } = new(fromSource: true);

    public async Task InitializeAsync()
    {
        Checkout.Write("Reactor.toml", """
            [jobs]
            worker_count = 4
            scheduler_interval_ms = 1000
            default_timeout_ms = 600000 # 10 minutes
            webhook_secret = "{{ env REACTOR_JOBS_WEBHOOK_SECRET }}"
            max_org_concurrent_runs = 50
            """);
        Checkout.Environment["REACTOR_JOBS_WEBHOOK_SECRET"] = "a secret of the reader's";
        // Builds it, where that has not been done: the start below is waited for no longer than a start may take.
        await Checkout.Bash("reactor --version");
        session = await DevSession.Start(Checkout);
        var token = (await File.ReadAllTextAsync(Path.Combine(Checkout.Folder, ".reactor", "dev-token"))).Trim();
        foreach (var variable in new[] { "REACTOR_TOKEN", "USER_JWT", "JWT" })
            Checkout.Environment[variable] = token;
        client.BaseAddress = new(Checkout.Url);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Types a printed block; gives what it printed.</summary>
    internal Task<string> Type(string printed) => Checkout.Bash(printed.Replace("http://localhost:8000", Checkout.Url, StringComparison.Ordinal));

    /// <summary>The same, where that is JSON.</summary>
    internal async Task<JsonNode> TypeForJson(string printed) => JsonNode.Parse(await Type(printed))!;

    /// <summary>Runs a file that imports the client, once the compiler has found nothing wrong with it; gives what it printed.</summary>
    internal Task<string> TypeScript(string file) => Checkout.Bash($"""
        ln -sfn sdk/typescript/node_modules node_modules
        node_modules/.bin/tsc --strict --module nodenext --target es2022 --types node --skipLibCheck --outDir . {file} >&2
        node {Path.ChangeExtension(file, "mjs")}
        """);

    /// <summary>Starts runs that are not printed, one for each payload.</summary>
    internal async Task<string[]> Trigger(string job, params string[] payloads)
    {
        var ids = await Checkout.Bash(string.Join('\n', payloads.Select(x => $"reactor jobs trigger {job} --payload '{x}' -o ids")));
        return ids.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    internal async Task<JsonNode> Run(string id, string query = "") => JsonNode.Parse(await client.GetStringAsync($"/jobs/v1/runs/{id}{query}"))!;

    /// <summary>The run when it has ended.</summary>
    internal async Task<JsonNode> Ended(string id)
    {
        var run = await Run(id, "?wait=60s");
        return run["completed_at"] is not null ? run : throw new TimeoutException($"The run has not ended within 60 s: {run}");
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        if (session is not null)
            await session.DisposeAsync();
        Checkout.Dispose();
    }
}

[CollectionDefinition(PrintedSuite.Name, DisableParallelization = true)]
public sealed class PrintedSuiteTests : ICollectionFixture<PrintedSuite>;
