using System.Text.RegularExpressions;

namespace ReactorJobs.Hosting.Http;

/// <summary>The one rule for what jobs, functions and workers' handlers are called: each may name another.</summary>
public static partial class HandlerName
{
    public const string Rule = "must begin with a letter or digit and hold at most 128 of A-Z a-z 0-9 . _ : / -";

    /// <summary>The rule as a regular expression, without its ends.</summary>
    public const string Pattern = "[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}";

    public static bool Fits(string name) => Form().IsMatch(name);

    /// <summary>A name in a path, where <c>/</c> is <c>%2F</c>: the server leaves that one escape in place.</summary>
    public static string InPath(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("^" + Pattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
