using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Connection;

/// <summary>The API answered, and said no.</summary>
sealed class ApiRefusal(int status, string message, string? hint) : Failure(ExitOf(status), message, hint)
{
    public int Status { get; } = status;

    /// <summary>What it answered, where that was JSON.</summary>
    public JsonElement Body { get; private init; }

    /// <summary>Of several ids, the next one may still succeed.</summary>
    public bool ConcernsOneItem => Status is >= 400 and < 500 and not (401 or 403 or 429);

    /// <summary>Something is to be run that is not there, or not yet.</summary>
    public bool IsUnknownTarget => Code == "handler_not_found";

    public ApiRefusal About(string id) =>
        Message.Contains(id, StringComparison.Ordinal) ? this : new ApiRefusal(Status, $"{id}: {Message}", Hint) { Code = Code, Fields = Fields };

    /// <summary>The same, said of files of the caller's instead of a request.</summary>
    public ApiRefusal In(string what, Func<FieldError, FieldError> place) =>
        new(Status, what, Hint) { Code = Code, Body = Body, Fields = [.. Fields.Select(place)] };

    public static ApiRefusal Of(int status, string? reason, string body, TimeSpan? retryAfter, ConnectionSettings connection)
    {
        var problem = Problem(body);
        var code = problem.Text("code");
        // Whoever answers without a problem document is a proxy, or not Reactor at all: name what it said.
        var detail = problem.Text("detail") ?? problem.Text("title") ?? $"{connection.Address} answered {status} {reason}".TrimEnd();
        return new ApiRefusal(status, detail, Hints.For(status, code, retryAfter, connection))
        {
            Code = code,
            Body = problem,
            Fields = [.. problem.Items("errors").Select(e => new FieldError(e.Text("pointer") ?? "", e.Text("detail") ?? ""))],
        };
    }

    static JsonElement Problem(string body)
    {
        try
        {
            return ApiAnswer.Read(body);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    static int ExitOf(int status) => status switch
    {
        401 or 403 => Cli.ExitCode.Auth,
        404 => Cli.ExitCode.NotFound,
        _ => Cli.ExitCode.Failed,
    };
}
