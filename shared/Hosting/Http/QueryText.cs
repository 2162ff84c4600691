using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Hosting.Http;

/// <summary>Texts of a request's query.</summary>
public static class QueryText
{
    /// <summary>The first one of a parameter's; null where it is not given.</summary>
    /// <exception cref="ProblemException">It holds U+0000, which the database has no text with.</exception>
    public static string? TextOf(this IQueryCollection query, string name) =>
        query[name].FirstOrDefault() is not { } text ? null
        : text.Contains('\0') ? throw new ProblemException(Problem.Invalid(name, "holds U+0000, which no text may"))
        : text;
}
