using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Ingress.Gateway;

namespace ReactorJobs.Tests.Gateway;

[Collection(WithGatewayDatabase.Name)]
public sealed class Health_is_that_of_all_services(GatewayDatabase database)
{
    [Fact]
    public async Task Their_capabilities_are_the_installation_s()
    {
        await using var suite = await FakeSuite.Start(database.Options);
        foreach (var service in new[] { suite.Schedulers[0], suite.Executors[0], suite.Events[0] })
            await suite.Gateway.Checked(service, isServing: true);
        await GatewayHost.Until(async () => await Health(suite) == """{"events":"ok","executor":"ok","jobs":"ok","scheduler":"ok"}""");

        await suite.Executors[0].Kill();
        await GatewayHost.Until(async () => await Health(suite) == """{"events":"ok","jobs":"no executor","scheduler":"ok"}""");
    }

    [Fact]
    public void One_instance_that_can_is_enough()
    {
        var words = HealthOfServices.Words([new("executor", [Report("starting", "a"), Report("ok", "b"), Report("unavailable", "c")]), new("events", [])]);
        Assert.Equal([("jobs", "ok"), ("functions", "ok"), ("jobs", "no events")], words.Select(x => (x.Capability, x.Word)));
        Assert.Equal("b", words[1].Detail!.ToString());

        static JsonNode Report(string functions, string detail) => new JsonObject
        {
            ["capabilities"] = new JsonObject { ["jobs"] = "ok", ["functions"] = functions },
            ["details"] = new JsonObject { ["functions"] = detail },
        };
    }

    [Fact]
    public async Task A_process_that_drains_is_not_ready_and_still_lives()
    {
        await using var suite = await FakeSuite.Start(database.Options);
        Assert.Equal(200, await Status("/health/ready"));
        await suite.Gateway.Services.GetRequiredService<Draining>().Begin();
        Assert.Equal((503, 200), (await Status("/health/ready"), await Status("/health/live")));
        Assert.Equal("scheduler", (await suite.Gateway.Get("/jobs/v1/runs")).Service);

        async Task<int> Status(string path)
        {
            using var response = await suite.Gateway.Send(HttpMethod.Get, path);
            return (int)response.StatusCode;
        }
    }

    static async Task<string> Health(FakeSuite suite)
    {
        using var response = await suite.Gateway.Send(HttpMethod.Get, "/health");
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("capabilities").GetRawText();
    }
}
