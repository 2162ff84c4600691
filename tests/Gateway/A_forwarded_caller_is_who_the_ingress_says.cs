using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Tests.Gateway;

public sealed class A_forwarded_caller_is_who_the_ingress_says
{
    static readonly Uri Nowhere = new("http://127.0.0.1:1");
    static readonly InternalCalls Calls = new(Nowhere, Nowhere, Nowhere, Nowhere, "between-services");

    [Theory]
    [InlineData("ci")]
    [InlineData("Größe / 100 %\r\nX: y")]
    [InlineData("")]
    public async Task Whatever_its_name(string name)
    {
        using var request = new HttpRequestMessage();
        ForwardedCaller.Say(request, new("acme", name), Calls);
        var http = Request([.. request.Headers.Select(x => (x.Key, x.Value.Single()))]);
        Assert.Equal(new Caller("acme", name), await ForwardedCaller.Authenticate(http));
    }

    [Fact]
    public async Task And_the_secret_stays_out_of_what_follows()
    {
        var http = Request(("X-Reactor-Internal", "between-services"), ("X-Reactor-Org", "acme"), ("X-Reactor-Caller", "ci"), ("X-Other", "1"));
        await ForwardedCaller.Authenticate(http);
        Assert.Equal(["X-Other"], http.Request.Headers.Keys);
    }

    [Theory]
    [InlineData(null, "acme")]
    [InlineData("guess", "acme")]
    [InlineData("between-services", null)]
    [InlineData("between-services", "")]
    public async Task And_nobody_without_the_secret_and_an_org(string? secret, string? org)
    {
        var http = Request(("X-Reactor-Internal", secret), ("X-Reactor-Org", org), ("X-Reactor-Caller", "ci"));
        var refusal = await Assert.ThrowsAsync<ProblemException>(async () => await ForwardedCaller.Authenticate(http));
        Assert.Equal((401, "unauthorized"), (refusal.Problem.Status, refusal.Problem.Code));
    }

    static DefaultHttpContext Request(params (string Name, string? Value)[] headers)
    {
        var http = new DefaultHttpContext { RequestServices = new ServiceCollection().AddSingleton(Calls).BuildServiceProvider() };
        foreach (var (name, value) in headers)
            if (value is not null)
                http.Request.Headers[name] = value;
        return http;
    }
}
