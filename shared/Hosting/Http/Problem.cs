using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Hosting.Http;

/// <summary>An error as callers see it: RFC 9457 with a stable <paramref name="Code"/> and, for bad input, where in the input.</summary>
public sealed record Problem(int Status, string Code, string Detail, IReadOnlyList<InputError>? Errors = null)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public long? RetryAfterSeconds { get; init; }

    /// <summary>Headers beside the body, such as <c>WWW-Authenticate</c>.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    public static Problem Invalid(string pointer, string detail) => Invalid([new(pointer, detail)]);

    public static Problem Invalid(IReadOnlyList<InputError> errors) =>
        new(400, "invalid_request", errors is [var one] ? $"{(one.Pointer.Length == 0 ? "The request" : one.Pointer)}: {one.Detail}" : $"{errors.Count} fields are wrong.", errors);

    /// <summary>The same, with the place of each mistake whose pointer is below <paramref name="at"/> in the text that was sent.</summary>
    public Problem Placed(ReadOnlySpan<byte> json, string at = "")
    {
        bool IsBelow(InputError error) => error.Line is null && error.Pointer.StartsWith(at + "/", StringComparison.Ordinal);
        if (Errors?.Any(IsBelow) != true)
            return this;
        var places = new JsonPlaces(json, Errors.Where(IsBelow).Select(x => x.Pointer[at.Length..]));
        return this with { Errors = [.. Errors.Select(x => IsBelow(x) ? x.At(places.Of(x.Pointer[at.Length..])) : x)] };
    }

    public static Problem NotFound(string what, string id) => new(404, what + "_not_found", $"There is no {what.Replace('_', ' ')} \"{id}\".");

    public static Problem Unavailable(string detail) => new(503, "unavailable", detail) { RetryAfterSeconds = 1 };

    public async Task Write(HttpContext http)
    {
        if (http.Response.HasStarted)
            return;
        http.Response.Clear();
        http.Response.StatusCode = Status;
        foreach (var (name, value) in Headers ?? new Dictionary<string, string>())
            http.Response.Headers[name] = value;
        if (RetryAfterSeconds is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await http.Response.WriteAsJsonAsync(
            new Body("about:blank", Titles.GetValueOrDefault(Code, Code.Replace('_', ' ')), Status, Detail, Code, Errors), Json, "application/problem+json");
    }

    record Body(string Type, string Title, int Status, string Detail, string Code, IReadOnlyList<InputError>? Errors);

    static readonly Dictionary<string, string> Titles = new()
    {
        ["invalid_request"] = "The request is not valid",
        ["unauthorized"] = "A valid token is needed",
        ["unavailable"] = "The service cannot answer now",
        ["concurrency_exceeded"] = "The job runs as often as it may",
        ["idempotency_conflict"] = "The idempotency key was used for something else",
        ["payload_too_large"] = "The body is too large",
    };
}

/// <param name="Pointer">A JSON pointer into the body, or the name of a query parameter or header.</param>
/// <param name="Line">With <paramref name="Column"/>, where in the body that is, both from 1; where it is JSON.</param>
public sealed record InputError(string Pointer, string Detail, int? Line = null, int? Column = null)
{
    public InputError At(JsonPlace place) => this with { Line = place.Line, Column = place.Column };
}

/// <summary>Ends a request with a problem.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem => problem;
}
