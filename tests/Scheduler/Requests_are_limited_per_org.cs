using Microsoft.AspNetCore.Http;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Ingress;
using ReactorJobs.Ingress.RateLimits;

namespace ReactorJobs.Tests.Scheduler;

public sealed class Requests_are_limited_per_org
{
    readonly ManualTime time = new();

    [Fact]
    public void A_bucket_holds_a_second_and_fills_steadily()
    {
        var bucket = new TokenBucket(4, time);
        Assert.Equal([3, 2, 1, 0], Enumerable.Range(0, 4).Select(_ => Take(bucket)));
        Assert.False(bucket.TryTake(out var left));
        Assert.Equal(0, left);
        time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(0, Take(bucket));
        Assert.False(bucket.TryTake(out _));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, Take(bucket));
    }

    [Fact]
    public void Every_answer_says_what_is_left_and_a_refusal_when_to_come_again()
    {
        var limits = new OrgRateLimits(new() { RequestsPerSecond = 2 }, time);
        var http = new DefaultHttpContext();
        limits.Admit("acme", http);
        Assert.Equal(("\"org\";q=2;w=1", "\"org\";r=1;t=1"), (http.Response.Headers["RateLimit-Policy"].ToString(), http.Response.Headers["RateLimit"].ToString()));
        limits.Admit("acme", http);

        var problem = Assert.Throws<ProblemException>(() => limits.Admit("acme", http)).Problem;
        Assert.Equal((429, "rate_limited", 1L), (problem.Status, problem.Code, problem.RetryAfterSeconds));
        Assert.Equal("\"org\";r=0;t=1", problem.Headers!["RateLimit"]);
        limits.Admit("other", http);
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        var http = new DefaultHttpContext();
        new OrgRateLimits(new IngressOptions { RequestsPerSecond = 0 }, time).Admit("acme", http);
        Assert.Empty(http.Response.Headers);
    }

    static int Take(TokenBucket bucket) => bucket.TryTake(out var left) ? left : -1;
}
