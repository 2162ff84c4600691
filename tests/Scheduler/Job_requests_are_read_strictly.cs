using System.Text.Json;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A job in both spellings of the sources, and every field that can be wrong with the place where it is.</summary>
public sealed class Job_requests_are_read_strictly
{
    [Fact]
    public void Only_a_name_and_a_handler_are_needed()
    {
        var job = Read("""{"name": "process-order", "handler": "process"}""");
        Assert.Equal(
            Given.Job() with { CreatedAt = ManualTime.Start, UpdatedAt = ManualTime.Start }, job);
        Assert.Equal((3, 600_000, 10, 30), (job.Retry.MaxAttempts, job.TimeoutMs, job.MaxConcurrency, job.RetentionDays));
    }

    [Theory]
    [InlineData("""{"name": "j", "handler": "h", "timeout_ms": 5, "max_concurrency": 2, "retention_days": 1, "display_name": "J", "paused": true}""")]
    [InlineData("""{"name": "j", "handler": "h", "timeoutMs": 5, "maxConcurrency": 2, "retentionDays": 1, "displayName": "J", "paused": true}""")]
    [InlineData("""{"id": "j", "name": "J", "handler": "h", "timeoutMs": 5, "max_concurrency": 2, "retentionDays": 1, "paused": true}""")]
    [InlineData("""{"id": "j", "name": "J", "display_name": "K", "handler": "h", "timeoutMs": 5, "maxConcurrency": 2, "retentionDays": 1, "paused": true, "$schema": "x"}""")]
    public void Fields_have_two_spellings(string json)
    {
        var job = Read(json);
        Assert.Equal(("j", "J", 5, 2, 1, true), (job.Name, job.DisplayName, job.TimeoutMs, job.MaxConcurrency, job.RetentionDays, job.Paused));
    }

    [Theory]
    [InlineData("""{"retry": {"maxAttempts": 6, "backoff": "linear", "initialDelayMs": 10, "maxDelayMs": 90, "multiplier": 3, "jitter": 0.5}}""")]
    [InlineData("""{"retry": {"max_attempts": 6, "backoff": "linear", "initial_delay_ms": 10, "max_delay_ms": 90, "multiplier": 3, "jitter": 0.5}}""")]
    [InlineData("""{"retries": 5, "retry_backoff": {"type": "linear", "initial_ms": 10, "max_ms": 90, "multiplier": 3, "jitter": 0.5}}""")]
    [InlineData("""{"retries": 5, "retryBackoff": {"type": "linear", "initialMs": 10, "maxMs": 90, "multiplier": 3, "jitter": 0.5}}""")]
    public void Retries_have_two_forms(string json) => Assert.Equal(new RetryPolicy(6, "linear", 10, 90, 3, 0.5), Read(Complete(json)).Retry);

    [Fact]
    public void No_retries_are_one_attempt() => Assert.Equal(1, Read(Complete("""{"retries": 0}""")).Retry.MaxAttempts);

    [Fact]
    public void The_longest_delay_is_not_shorter_than_the_first() => Assert.Equal(90_000, Read(Complete("""{"retry": {"initialDelayMs": 90000}}""")).Retry.MaxMs);

    [Theory]
    [InlineData("handler")]
    [InlineData("function_name")]
    [InlineData("functionName")]
    [InlineData("function")]
    public void The_handler_has_its_names(string field) => Assert.Equal("h", Read($$"""{"name": "j", "{{field}}": "h"}""").Handler);

    [Theory]
    [InlineData("ns:fn")]
    [InlineData("someUniqueJobType")]
    [InlineData("saveImage/local")]
    [InlineData("0")]
    [InlineData("a.b_c-d")]
    [InlineData("jobs/x")]
    [InlineData("Jobs")]
    public void A_name_may_be(string name) => Assert.Equal(name, Read($$"""{"name": "{{name}}", "handler": "{{name}}"}""").Name);

    [Fact]
    public void A_name_has_at_most_128_characters()
    {
        Assert.Equal(128, Read($$"""{"name": "{{new string('a', 128)}}", "handler": "h"}""").Name.Length);
        Assert.Equal(["/name"], Wrong($$"""{"name": "{{new string('a', 129)}}", "handler": "h"}""").Keys);
    }

    [Theory]
    [InlineData("saveImage%2Flocal", "saveImage/local")]
    [InlineData("saveImage%2flocal", "saveImage/local")]
    [InlineData("a:b", "a:b")]
    public void A_slash_is_escaped_in_paths(string segment, string name) => Assert.Equal(name, JobName.InPath(segment));

    [Theory]
    [InlineData("""{"handler": "h"}""", "/name", "is required")]
    [InlineData("""{"name": "", "handler": "h"}""", "/name", "must begin with")]
    [InlineData("""{"name": null, "handler": "h"}""", "/name", "must be a string")]
    [InlineData("""{"name": 5, "handler": "h"}""", "/name", "must be a string")]
    [InlineData("""{"name": "-a", "handler": "h"}""", "/name", "must begin with")]
    [InlineData("""{"name": "a b", "handler": "h"}""", "/name", "must begin with")]
    [InlineData("""{"name": "a\n", "handler": "h"}""", "/name", "must begin with")]
    [InlineData("""{"name": "jobs", "handler": "h"}""", "/name", "is reserved")]
    [InlineData("""{"name": "runs", "handler": "h"}""", "/name", "is reserved")]
    [InlineData("""{"name": "hooks", "handler": "h"}""", "/name", "is reserved")]
    [InlineData("""{"name": "webhooks", "handler": "h"}""", "/name", "is reserved")]
    [InlineData("""{"id": "runs", "name": "Runs", "handler": "h"}""", "/id", "is reserved")]
    [InlineData("""{"name": "j"}""", "/handler", "is required")]
    [InlineData("""{"name": "j", "handlr": "h"}""", "/handlr", "did you mean handler?")]
    [InlineData("""{"name": "j", "functon_name": "h"}""", "/functon_name", "did you mean function_name?")]
    [InlineData("""{"name": "j", "handler": "h", "retry": {"backoff": "liner"}}""", "/retry/backoff", "must be one of exponential, linear; did you mean linear?")]
    [InlineData("""{"name": "j", "handler": "a b"}""", "/handler", "or be an http(s) URL")]
    [InlineData("""{"name": "j", "handler": "https://user:pass@host/"}""", "/handler", "or be an http(s) URL")]
    [InlineData("""{"name": "j", "handler": "http://"}""", "/handler", "or be an http(s) URL")]
    [InlineData("""{"name": "j", "function_name": 1}""", "/function_name", "must be a string")]
    [InlineData("""{"name": "j", "handler": "h", "function_name": "f"}""", "/function_name", "a second time")]
    [InlineData("""{"name": "j", "handler": "h", "timeout_ms": 0}""", "/timeout_ms", "from 1 to 3600000")]
    [InlineData("""{"name": "j", "handler": "h", "timeoutMs": 3600001}""", "/timeout_ms", "from 1 to 3600000")]
    [InlineData("""{"name": "j", "handler": "h", "max_concurrency": 0}""", "/max_concurrency", "from 1 to 1000000")]
    [InlineData("""{"name": "j", "handler": "h", "max_concurrency": 1.5}""", "/max_concurrency", "whole number")]
    [InlineData("""{"name": "j", "handler": "h", "max_concurrency": "10"}""", "/max_concurrency", "whole number")]
    [InlineData("""{"name": "j", "handler": "h", "retention_days": 36501}""", "/retention_days", "from 1 to 36500")]
    [InlineData("""{"name": "j", "handler": "h", "paused": "yes"}""", "/paused", "true or false")]
    [InlineData("""{"name": "j", "handler": "h", "retries": -1}""", "/retries", "from 0 to 999")]
    [InlineData("""{"name": "j", "handler": "h", "retry": 3}""", "/retry", "must be an object")]
    [InlineData("""{"name": "j", "handler": "h", "retry": {"maxAttempts": 0}}""", "/retry/max_attempts", "from 1 to 1000")]
    [InlineData("""{"name": "j", "handler": "h", "retry": {"backoff": "cubic"}}""", "/retry/backoff", "must be one of exponential, linear")]
    [InlineData("""{"name": "j", "handler": "h", "retry": {"jitter": 1.1}}""", "/retry/jitter", "from 0 to 1")]
    [InlineData("""{"name": "j", "handler": "h", "retry": {"multiplier": 0.5}}""", "/retry/multiplier", "from 1 to 100")]
    [InlineData("""{"name": "j", "handler": "h", "retry": {"max_attempt": 1}}""", "/retry/max_attempt", "did you mean max_attempts?")]
    [InlineData("""{"name": "j", "handler": "h", "retry_backoff": {"initial_ms": -1}}""", "/retry_backoff/initial_ms", "from 0")]
    [InlineData("""{"name": "j", "handler": "h", "timeout": 5}""", "/timeout", "did you mean timeout_ms?")]
    [InlineData("""{"name": "j", "handler": "h", "maxConcurency": 5}""", "/maxConcurency", "did you mean max_concurrency?")]
    [InlineData("""{"name": "j", "handler": "h", "max_concurrency": 1, "maxConcurrency": 2}""", "/maxConcurrency", "is given twice")]
    [InlineData("""{"name": "j", "handler": "h", "triggers": {}}""", "/triggers", "must be an array")]
    [InlineData("""{"name": "j", "handler": "h", "triggers": [5]}""", "/triggers/0", "must be an object")]
    [InlineData("""{"name": "j", "handler": "h", "triggers": [{"kind": "event", "topic": "t"}, {"kind": "event"}]}""", "/triggers/1/topic", "is required")]
    [InlineData("""{"name": "j", "handler": "h", "triggers": [{"type": "cran", "schedule": "* * * * *"}]}""", "/triggers/0/type", "must be one of event, cron, webhook, data; did you mean cron?")]
    [InlineData("""{"name": "j", "handler": "h", "triggers": [{"type": "cron", "schedule": "* * 32 * *"}]}""", "/triggers/0/schedule", "day of month \"32\" at position 5")]
    [InlineData("""{"name": "j", "handler": "h", "triggers": [{"kind": "cron", "cron": "@daily", "schedule": "@daily"}]}""", "/triggers/0/cron", "a second time")]
    [InlineData("""{"name": "j", "handler": "h", "triggers": [{"kind": "event", "topic": "a\tb"}]}""", "/triggers/0/topic", "control character")]
    public void A_wrong_field_is_named(string json, string pointer, string detail) =>
        Assert.Contains(detail, Assert.Contains(pointer, Wrong(json)), StringComparison.Ordinal);

    [Fact]
    public void All_mistakes_are_told_at_once() => Assert.Equal(
        ["/handler", "/jobname", "/max_concurrency", "/name", "/retry/backoff"],
        Wrong("""{"jobname": "j", "max_concurrency": 0, "retry": {"backoff": "x"}}""").Keys.Order());

    [Fact]
    public void A_change_takes_only_what_it_names()
    {
        var job = Given.Job();
        var changed = JobRequest.Change(job, Fields("""{"paused": true, "retry": {"maxAttempts": 7}}"""), new(), ManualTime.Start);
        Assert.Equal(job with { Paused = true, Retry = job.Retry with { MaxAttempts = 7 }, UpdatedAt = ManualTime.Start }, changed);
        Assert.Same(job, JobRequest.Change(job, Fields("""{"paused": false}"""), new(), ManualTime.Start));
    }

    static string Complete(string json) => """{"name": "j", "handler": "h", """ + json[1..];

    static Job Read(string json)
    {
        var fields = Fields(json);
        var request = JobRequest.Read(fields, Given.Org, new SchedulerOptions(), ManualTime.Start);
        fields.Done();
        return request.Job;
    }

    /// <summary>The first thing that is wrong at each place.</summary>
    static Dictionary<string, string> Wrong(string json) =>
        Assert.Throws<ProblemException>(() => Read(json)).Problem.Errors!.DistinctBy(x => x.Pointer).ToDictionary(x => x.Pointer, x => x.Detail);

    static Fields Fields(string json) => new(JsonDocument.Parse(json).RootElement, "");
}
