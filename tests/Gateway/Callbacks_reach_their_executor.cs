using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Tests.Gateway;

/// <summary>Only the executor that runs an attempt can take what its handler writes.</summary>
[Collection(WithGatewayDatabase.Name)]
public sealed class Callbacks_reach_their_executor(GatewayDatabase database) : IAsyncLifetime
{
    FakeSuite suite = null!;

    public async Task InitializeAsync() => suite = await FakeSuite.Start(database.Options, executors: 3);

    public async Task DisposeAsync() => await suite.DisposeAsync();

    [Fact]
    public async Task By_the_start_that_their_path_names()
    {
        foreach (var executor in suite.Executors)
        {
            await Call(executor.Instance);
            await Call(executor.Instance);
        }

        Assert.All(suite.Executors, x => Assert.Equal(2, x.Requests.Count));
    }

    [Fact]
    public async Task Also_when_it_takes_nothing_new()
    {
        suite.Executors[1].Ready = http =>
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        await suite.Gateway.Checked(suite.Executors[1], isServing: false);
        await Call(suite.Executors[1].Instance);
        Assert.Single(suite.Executors[1].Requests);
    }

    [Fact]
    public async Task Also_when_it_has_just_started()
    {
        suite.Executors[2].Instance = "just-started";
        await Call("just-started");
        Assert.Single(suite.Executors[2].Requests);
    }

    [Fact]
    public async Task And_of_a_start_that_has_ended_any_executor_refuses_them()
    {
        await Call("ended");
        Assert.Single(suite.Executors.SelectMany(x => x.Requests));
    }

    [Fact]
    public async Task And_where_one_that_may_be_meant_is_not_heard_they_come_again()
    {
        await suite.Executors[0].Kill();
        Assert.Equal((503, "unavailable"), await suite.Gateway.Refused(HttpMethod.Post, "/jobs/v1/_worker/unknown/frames", new StringContent("[]")));
        Assert.Equal((503, "unavailable"), await suite.Gateway.Refused(HttpMethod.Post, $"/jobs/v1/_worker/{suite.Executors[0].Instance}/frames", new StringContent("[]")));
    }

    [Theory]
    [InlineData("127.0.0.1:1")]
    [InlineData("http:%2F%2F127.0.0.1:1")]
    [InlineData("@127.0.0.1:1")]
    public async Task And_no_path_leads_elsewhere(string start)
    {
        await Call(start);
        Assert.Single(suite.Executors.SelectMany(x => x.Requests));
    }

    Task<Arrived> Call(string start) => suite.Gateway.Forwarded(HttpMethod.Post, $"/jobs/v1/_worker/{start}/frames", new StringContent("[]"));
}
