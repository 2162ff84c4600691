using System.Globalization;

namespace ReactorJobs.Cli.Connection;

/// <summary>What a function has answered.</summary>
/// <param name="Status">The function's own: any HTTP status.</param>
/// <param name="Text">The body, as text.</param>
/// <param name="Took">How long the function worked; none where the answer does not say.</param>
sealed record FunctionAnswer(int Status, string? Reason, string Text, bool ColdStart, TimeSpan? Took)
{
    const string Function = "X-Reactor-Function";

    /// <summary>Whether a function answered, or something before it: a function may refuse with any status, too.</summary>
    public static bool IsOf(HttpResponseMessage response) => response.Headers.Contains(Function);

    public static async Task<FunctionAnswer> Read(HttpResponseMessage response, CancellationToken ct)
    {
        var known = double.TryParse(Header(response, "X-Reactor-Duration-Ms"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var took)
            && took < TimeSpan.MaxValue.TotalMilliseconds;
        return new((int)response.StatusCode, response.ReasonPhrase, await response.Content.ReadAsStringAsync(ct),
            Header(response, "X-Reactor-Cold-Start") is "true" or "1", known ? TimeSpan.FromMilliseconds(took) : null);
    }

    static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
