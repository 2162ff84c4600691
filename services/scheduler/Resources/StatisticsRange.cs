using System.Globalization;
using Microsoft.AspNetCore.Http;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>From when until when statistics are wanted, and in which steps.</summary>
public readonly record struct StatisticsRange(DateTimeOffset From, DateTimeOffset To, TimeSpan Bucket)
{
    public const int MostBuckets = 400;

    /// <summary>So many where nobody says how long a bucket is; at least half as many as the longest that fit.</summary>
    const int UsualBuckets = 60;

    static readonly TimeSpan Longest = TimeSpan.FromDays(92);
    static readonly TimeSpan Usual = TimeSpan.FromDays(1);

    static readonly TimeSpan[] Steps =
    [
        .. from seconds in (int[])[1, 5, 15, 30] select TimeSpan.FromSeconds(seconds),
        .. from minutes in (int[])[1, 5, 15, 30] select TimeSpan.FromMinutes(minutes),
        .. from hours in (int[])[1, 3, 6, 12] select TimeSpan.FromHours(hours),
        .. from days in (int[])[1, 2] select TimeSpan.FromDays(days),
    ];

    /// <summary>The shortest usual step that divides the range into no more than 60.</summary>
    public static TimeSpan BucketOf(TimeSpan range) => Steps.First(step => step * UsualBuckets >= range || step == Steps[^1]);

    /// <summary><c>?from= &amp;to= &amp;bucket=</c>: the last day in steps of half an hour, where nothing is said.</summary>
    public static StatisticsRange Read(IQueryCollection query, DateTimeOffset now)
    {
        var errors = new List<InputError>();
        var to = Time("to") ?? now;
        var from = Time("from") ?? (to - DateTimeOffset.MinValue > Usual ? to - Usual : DateTimeOffset.MinValue);
        if (errors.Count == 0 && (from >= to || to - from > Longest))
            errors.Add(new("from", string.Create(CultureInfo.InvariantCulture, $"must be before to, by at most {Longest.TotalDays} days")));
        var bucket = errors.Count == 0 ? BucketOf(to - from) : default;
        if (query["bucket"].FirstOrDefault() is { } text && errors.Count == 0)
            if (!Duration.TryParse(text, out bucket) || bucket < TimeSpan.FromSeconds(1))
                errors.Add(new("bucket", "must be a duration of at least 1s, such as 5m, 1h or 1d"));
            else if ((to - from) / bucket > MostBuckets)
                errors.Add(new("bucket", string.Create(CultureInfo.InvariantCulture, $"divides the range into more than {MostBuckets}: take at least {Duration.Text(TimeSpan.FromSeconds(Math.Ceiling((to - from).TotalSeconds / MostBuckets)))}")));
        return errors.Count == 0 ? new(from, to, bucket) : throw new ProblemException(Problem.Invalid(errors));

        DateTimeOffset? Time(string name)
        {
            if (query[name].FirstOrDefault() is not { } text)
                return null;
            if (Instant.TryParse(text, out var time))
                return time;
            errors.Add(new(name, Instant.Rule));
            return null;
        }
    }
}
