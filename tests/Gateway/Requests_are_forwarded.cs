using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Tests.Gateway;

[Collection(WithGatewayDatabase.Name)]
public sealed class Requests_are_forwarded : IClassFixture<SharedFakes>
{
    readonly FakeSuite suite;

    public Requests_are_forwarded(SharedFakes fakes)
    {
        suite = fakes.Suite;
        foreach (var service in suite.All)
            service.Forget();
    }

    [Fact]
    public async Task With_the_caller_in_place_of_the_token()
    {
        var arrived = await suite.Gateway.Get("/jobs/v1/runs");

        Assert.Equal((GatewayHost.Secret, GatewayHost.Org, "embedded"), (arrived.Headers["X-Reactor-Internal"], arrived.Headers["X-Reactor-Org"], arrived.Headers["X-Reactor-Caller"]));
        Assert.DoesNotContain("Authorization", arrived.Headers.Keys);
        Assert.Equal(suite.Gateway.Address.Authority, arrived.Headers["Host"]);
    }

    [Fact]
    public async Task Without_what_only_the_ingress_may_say()
    {
        var arrived = await suite.Gateway.Forwarded(HttpMethod.Get, "/jobs/v1/runs", headers: x =>
        {
            x.Add("x-reactor-internal", "guess");
            x.Add("X-Reactor-Caller", ["root", "admin"]);
            x.Add("X-Reactor-Org", GatewayHost.Org);
        });

        Assert.Equal((GatewayHost.Secret, GatewayHost.Org, "embedded"), (arrived.Headers["X-Reactor-Internal"], arrived.Headers["X-Reactor-Org"], arrived.Headers["X-Reactor-Caller"]));
    }

    [Fact]
    public async Task To_anonymous_paths_without_a_caller_and_with_their_own_token()
    {
        var arrived = await suite.Gateway.Forwarded(HttpMethod.Post, "/jobs/v1/_worker/executor-0/frames", new StringContent("[]"), headers: x =>
        {
            x.Add("X-Reactor-Internal", "guess");
            x.Add("X-Reactor-Org", "acme");
            x.Authorization = new("Bearer", "callback");
        });

        Assert.Equal("Bearer callback", arrived.Headers["Authorization"]);
        Assert.DoesNotContain(arrived.Headers.Keys, x => x is "X-Reactor-Internal" or "X-Reactor-Org" or "X-Reactor-Caller");
    }

    [Theory]
    [InlineData("/jobs/v1/a%2Fb/trigger")]
    [InlineData("/jobs/v1/a%252Fb/trigger?x=%20+%2B&y=ä%C3%A4")]
    [InlineData("/jobs/v1/%252e%252e/%252e%252e/internal/scheduler")]
    [InlineData("/jobs/v1//runs//")]
    [InlineData("/jobs/v1/a;b=c/@x:y/trigger?a=1?b#")]
    public async Task To_the_target_as_it_was_sent(string target)
    {
        target = target.Replace("ä", "%E4", StringComparison.Ordinal).Replace("#", "", StringComparison.Ordinal);
        Assert.Equal(target, (await suite.Gateway.Get(target)).Target);
    }

    [Fact]
    public async Task With_their_body_and_method()
    {
        var arrived = await suite.Gateway.Forwarded(HttpMethod.Patch, "/jobs/v1/_admin/jobs/a", new StringContent("{ \"paused\": true }"));
        Assert.Equal(("PATCH", "{ \"paused\": true }"), (arrived.Method, arrived.Body));
    }

    [Fact]
    public async Task However_large_they_are()
    {
        suite.Executors[0].Answer = async http =>
        {
            var (part, length) = (new byte[64 << 10], 0);
            for (int read; (read = await http.Request.Body.ReadAsync(part)) > 0; length += read)
            {
            }

            await http.Response.WriteAsync($"{length} of {http.Request.ContentLength}");
        };
        // More than Kestrel takes where nothing else is said.
        const int bytes = 33 << 20;
        using var response = await suite.Gateway.Send(HttpMethod.Post, "/functions/v1/_admin/functions/a/deployments", new ByteArrayContent(new byte[bytes]));
        Assert.Equal($"{bytes} of {bytes}", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task But_not_where_they_name_a_whole_URL()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, suite.Gateway.Address.Port);
        var stream = client.GetStream();
        var (host, token) = (suite.Gateway.Address.Authority, suite.Gateway.Token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET http://{host}/jobs/v1/runs HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Empty(suite.Schedulers[0].Requests);
    }

    [Theory]
    [InlineData("/internal/scheduler/orgs/acme/jobs")]
    [InlineData("/internal/health")]
    [InlineData("/jobs/v1/../../internal/health")]
    [InlineData("/jobs/v1/%2e%2e/%2e%2e/internal/health")]
    [InlineData("/nothing/here")]
    [InlineData("/")]
    public async Task But_not_what_is_for_services_among_themselves_or_for_nobody(string target)
    {
        Assert.Equal((404, "not_found"), await suite.Gateway.Refused(HttpMethod.Get, target));
        Assert.Empty(suite.Schedulers[0].Requests);
    }

    [Fact]
    public async Task But_not_without_a_token()
    {
        Assert.Equal((401, "unauthorized"), await suite.Gateway.Refused(HttpMethod.Get, "/jobs/v1/runs", headers: x => x.Authorization = new("Bearer", "rjs_wrong")));
        Assert.Empty(suite.Schedulers[0].Requests);
    }

    [Theory]
    [InlineData("/jobs/v1/_admin/whoami")]
    [InlineData("/jobs/v1/_admin/tokens")]
    [InlineData("/jobs/v1/_admin/tokens/x")]
    [InlineData("/secrets/v1")]
    [InlineData("/health/ready")]
    [InlineData("/schemas")]
    public async Task But_not_what_is_the_ingress_own(string target)
    {
        Assert.Equal((405, "method_not_allowed"), await suite.Gateway.Refused(HttpMethod.Patch, target));
        Assert.Empty(suite.Schedulers[0].Requests);
    }

    [Fact]
    public async Task And_answers_come_back_as_they_are()
    {
        suite.Schedulers[0].Answer = async http =>
        {
            http.Response.StatusCode = 409;
            http.Response.Headers["Link"] = "</x>; rel=\"next\"";
            http.Response.ContentType = "application/problem+json";
            await http.Response.Body.WriteAsync("{ \"code\": \"run_finished\" }"u8.ToArray());
        };
        using var response = await suite.Gateway.Send(HttpMethod.Post, "/jobs/v1/_admin/jobs/a/runs/b/cancel");

        Assert.Equal((HttpStatusCode.Conflict, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        Assert.Equal("</x>; rel=\"next\"", response.Headers.GetValues("Link").Single());
        Assert.True(response.Headers.Contains("RateLimit"));
        Assert.Equal("{ \"code\": \"run_finished\" }", await response.Content.ReadAsStringAsync());
    }
}
