using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Connection;

/// <summary>What to do next about an error, where there is something to do. The codes are those of http-api.md.</summary>
static class Hints
{
    public const string NotRunning = "is the suite running? start it with ./reactor dev";

    public static string? For(int status, string? code, TimeSpan? retryAfter, ConnectionSettings connection) => code switch
    {
        "unauthorized" => Refused(connection),
        "forbidden" => $"the token comes from {connection.TokenSource}{Org(connection)}; it lacks the right to do this",
        "org_not_found" => $"{(connection.Org is { } org ? $"the org is {org}; " : "")}choose another with --org or REACTOR_ORG",
        "job_not_found" => "reactor jobs list shows the jobs",
        "run_not_found" => "reactor jobs runs list shows the runs",
        "trigger_not_found" => "reactor jobs triggers list NAME shows the triggers of a job",
        "dead_letter_not_found" => "reactor jobs dlq list NAME shows the dead letters of a job",
        "function_not_found" or "function_not_deployed" => "deploy it first: reactor functions deploy NAME",
        "function_version_not_found" => "reactor functions get NAME shows the versions",
        "secret_not_found" => "reactor secrets list shows the paths",
        "handler_not_found" => "deploy the function that exports it, or make a job of that name: reactor jobs create NAME",
        "concurrency_exceeded" => $"{Again(retryAfter)}, or raise the job's max_concurrency",
        "rate_limited" => Again(retryAfter),
        "idempotency_conflict" => "this key was used with another request: take a new one",
        "run_finished" => "a finished run can be started anew: reactor jobs runs retry NAME RUN_ID",
        "unavailable" => $"{Again(retryAfter)}; reactor health shows which part is down",
        null => ForStatus(status, retryAfter, connection),
        _ when retryAfter is not null => Again(retryAfter),
        _ => null,
    };

    static string? ForStatus(int status, TimeSpan? retryAfter, ConnectionSettings connection) => status switch
    {
        401 => Refused(connection),
        404 or 405 => $"is {connection.Address} a Reactor suite? reactor health asks it",
        429 => Again(retryAfter),
        502 or 503 or 504 => $"{Again(retryAfter)}; reactor health shows which part is down",
        _ => null,
    };

    static string Refused(ConnectionSettings connection) => connection.Token is null
        ? "give --token or set REACTOR_TOKEN"
        : $"the token comes from {connection.TokenSource}; it may have run out or belong to another suite than {connection.Address}";

    static string Org(ConnectionSettings connection) => connection.Org is { } org ? $", the org is {org}" : "";

    static string Again(TimeSpan? retryAfter) => retryAfter is { } wait ? $"try again in {Durations.Format(wait)}" : "try again in a moment";
}
