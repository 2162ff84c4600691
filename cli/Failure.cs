namespace ReactorJobs.Cli;

/// <summary>The exit codes that scripts rely on (http-api.md, "Command line and files").</summary>
static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Auth = 3;
    public const int NotFound = 4;
    public const int Interrupted = 130;
}

/// <summary>Ends a command: one line on standard error, what to do next where there is something, and an exit code.</summary>
class Failure(int exitCode, string message, string? hint = null) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string? Hint { get; } = hint;

    /// <summary>The stable code of the API's error, where the API refused.</summary>
    public string? Code { get; init; }

    public IReadOnlyList<FieldError> Fields { get; init; } = [];

    public static Failure Usage(string message, string? hint = null) => new(Cli.ExitCode.Usage, message, hint);
}

/// <summary>One entry of a problem's <c>errors</c>: a JSON pointer into the request and what is wrong there.</summary>
readonly record struct FieldError(string Pointer, string Detail);
