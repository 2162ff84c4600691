using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Hosting.Http;

/// <summary>Which part of a list is wanted: <c>?limit=</c> (50 by default, 500 at most) and <c>?cursor=</c>.</summary>
public readonly record struct Paging(int Limit, string? Cursor)
{
    public static Paging Read(HttpContext http)
    {
        var limit = 50;
        if (http.Request.Query["limit"] is { Count: > 0 } text &&
            !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= 500))
            throw new ProblemException(Problem.Invalid("limit", "must be a number from 1 to 500"));
        return new(limit, http.Request.Query.TextOf("cursor"));
    }
}
