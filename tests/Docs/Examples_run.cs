using System.Text.Json;

namespace ReactorJobs.Tests.Docs;

/// <summary>Each example is started in its folder, and its page's commands are typed; what they did is asserted here.</summary>
[Collection(OneAtATime.Name)]
public sealed class Examples_run(StartedExamples started) : IClassFixture<StartedExamples>
{
    [Fact]
    public async Task Process_order_survives_the_bank_charges_once_and_sends_a_receipt()
    {
        var example = await started.Get("process-order");
        Assert.Matches(@"(?m)^  process-order: version 1 is live after \S+, with its job$", example.Screen);

        // The page's first run is the oldest one.
        var order = (await example.Json("jobs runs list process-order")).EnumerateArray().Last();
        var run = await example.Json($"jobs runs get {order.GetProperty("id").GetString()}");
        Assert.Equal(("completed", "ord_123"), (run.GetProperty("status").GetString(), run.GetProperty("result").GetProperty("orderId").GetString()));
        // The bank refused the first attempt, and took the money of the second without an answer.
        Assert.Equal(["failed", "failed", "completed"], run.GetProperty("attempts").EnumerateArray().Select(x => x.GetProperty("outcome").GetString()));

        var receipts = await example.Until("jobs runs list send-receipt", x => x.GetArrayLength() == 1 && x[0].GetProperty("status").GetString() == "completed");
        Assert.Equal("event", receipts[0].GetProperty("trigger").GetProperty("kind").GetString());
        Assert.Equal(["charge", "receipt"], Ledger(example).Select(x => x.GetProperty("kind").GetString()));
        Assert.Equal(4200, Ledger(example)[0].GetProperty("cents").GetInt32());

        Assert.Equal("failed", (await example.Run("process-order", """{"orderId": "ord_999"}""")).GetProperty("status").GetString());
        Assert.Equal("completed", (await example.Run("process-order", """{"orderId": "ord_123"}""")).GetProperty("status").GetString());
        Assert.Single(Ledger(example), x => x.GetProperty("kind").GetString() == "charge");
    }

    static IReadOnlyList<JsonElement> Ledger(ExampleSession example) =>
        [.. File.ReadAllLines(example.Path("server/ledger.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    [Fact]
    public async Task Daily_report_waits_out_the_rate_limit_and_stores_its_numbers()
    {
        var example = await started.Get("daily-report");
        Assert.Matches(@"(?m)^  job daily-sales-report: created$", example.Screen);

        using var reports = JsonDocument.Parse(await File.ReadAllTextAsync(example.Path("server/reports.json")));
        var report = Assert.Single(reports.RootElement.EnumerateObject()).Value.GetProperty("daily");
        Assert.Equal((5, 452.5, 3), (report.GetProperty("total_orders").GetInt32(), report.GetProperty("revenue").GetDouble(), report.GetProperty("completed").GetInt32()));

        var weekly = await example.Run("daily-sales-report", """{"org_id": "00000000-0000-0000-0000-000000000001", "report_type": "weekly"}""");
        Assert.Equal(850, weekly.GetProperty("result").GetProperty("summary").GetProperty("revenue").GetDouble());
        Assert.Equal(["failed", "completed"], Outcomes(weekly));

        var unknown = await example.Run("daily-sales-report", """{"org_id": "nobody", "report_type": "daily"}""");
        Assert.Equal("failed", unknown.GetProperty("status").GetString());
        // Refused by the rate limit, then fatal: two of the four attempts are left.
        Assert.Equal(["failed", "failed"], Outcomes(unknown));
    }

    static IEnumerable<string?> Outcomes(JsonElement run) => run.GetProperty("attempts").EnumerateArray().Select(x => x.GetProperty("outcome").GetString());

    [Fact]
    public async Task Onboarding_sends_two_mails_with_the_sleep_between_them()
    {
        var example = await started.Get("onboarding");

        var id = Assert.Single((await example.Json("jobs runs list onboarding")).EnumerateArray()).GetProperty("id").GetString();
        var run = await example.Json($"jobs runs get {id}");
        Assert.Equal("completed", run.GetProperty("status").GetString());
        Assert.Equal(["suspended", "completed"], Outcomes(run));
        var mails = run.GetProperty("result").GetProperty("mails");
        Assert.Equal(["Welcome, Ada!", "How is it going, Ada?"], mails.EnumerateArray().Select(x => x.GetProperty("subject").GetString()));
        Assert.True(mails[1].GetProperty("sentAt").GetDateTimeOffset() - mails[0].GetProperty("sentAt").GetDateTimeOffset() >= TimeSpan.FromSeconds(5));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Its_types_are_right(string example)
    {
        using var checkout = new Checkout();
        await checkout.Bash($"{Checkout.Repository()}/sdk/typescript/node_modules/.bin/tsc -p {Checkout.Repository()}/examples/{example}");
    }

    public static TheoryData<string> All => [.. Pages.Examples];
}

/// <summary>All of them at once, each with a suite of its own: most of the time of each is waiting, for sleeps and for retries.</summary>
public sealed class StartedExamples : IAsyncLifetime
{
    readonly Dictionary<string, Task<ExampleSession>> examples = [];

    public async Task InitializeAsync()
    {
        using var checkout = new Checkout();
        await checkout.BuildSdk();
        foreach (var name in Pages.Examples)
            examples[name] = ExampleSession.Start(name);
    }

    internal Task<ExampleSession> Get(string name) => examples[name];

    public Task DisposeAsync() => Task.WhenAll(examples.Values.Select(async example =>
    {
        // One that could not start has failed its test, and has left nothing.
        await ((Task)example).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (example.IsCompletedSuccessfully)
            await example.Result.DisposeAsync();
    }));
}
