using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Ingress.RateLimits;

/// <summary>
/// How many requests an org may make: a bucket per org that holds one second's worth and fills all the time. Every answer says what is left,
/// in the headers <c>RateLimit-Policy</c> and <c>RateLimit</c> of the IETF's draft; what is over gets 429 <c>rate_limited</c>.
/// </summary>
public sealed class OrgRateLimits(IngressOptions options, TimeProvider time)
{
    const string Policy = "RateLimit-Policy";
    const string Left = "RateLimit";

    readonly ConcurrentDictionary<string, TokenBucket> orgs = new(StringComparer.Ordinal);
    readonly string policy = string.Create(CultureInfo.InvariantCulture, $"\"org\";q={options.RequestsPerSecond};w=1");

    public void Admit(string orgId, HttpContext http)
    {
        if (options.RequestsPerSecond == 0)
            return;
        var bucket = orgs.GetOrAdd(orgId, static (_, x) => new TokenBucket(x.Rate, x.Time), (Rate: options.RequestsPerSecond, Time: time));
        var taken = bucket.TryTake(out var left);
        // A second fills any bucket.
        var rest = string.Create(CultureInfo.InvariantCulture, $"\"org\";r={left};t=1");
        if (!taken)
            throw new ProblemException(new(429, "rate_limited", $"The org makes more than {options.RequestsPerSecond} requests per second; try again in a second.")
            {
                RetryAfterSeconds = 1,
                Headers = new Dictionary<string, string> { [Policy] = policy, [Left] = rest },
            });
        http.Response.Headers[Policy] = policy;
        http.Response.Headers[Left] = rest;
    }
}

/// <summary>Fills at a steady rate, up to one second's worth.</summary>
/// <param name="perSecond">More than 0.</param>
public sealed class TokenBucket(int perSecond, TimeProvider time)
{
    readonly Lock gate = new();
    double tokens = perSecond;
    long filledAt = time.GetTimestamp();

    public bool TryTake(out int left)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            tokens = Math.Min(perSecond, tokens + (time.GetElapsedTime(filledAt, now).TotalSeconds * perSecond));
            filledAt = now;
            var taken = tokens >= 1;
            if (taken)
                tokens--;
            left = (int)tokens;
            return taken;
        }
    }
}
