using System.Text.Json;
using System.Text.Json.Nodes;

namespace ReactorJobs.Cli.Connection;

/// <param name="Status">The HTTP status, 2xx: all else is an <see cref="ApiRefusal"/>, but for the health of a suite that is not well.</param>
/// <param name="Text">The body, byte for byte.</param>
/// <param name="Json">The body read; undefined for an empty one.</param>
/// <param name="NextCursor">The cursor of the next page, out of the <c>Link</c> header.</param>
sealed record ApiAnswer(int Status, string Text, JsonElement Json, string? NextCursor)
{
    // A payload may be 64 deep, and lies inside a run inside a list.
    static readonly JsonDocumentOptions Deep = new() { MaxDepth = 128 };

    /// <summary>Something of this program's own, to be shown as an answer is.</summary>
    public static ApiAnswer Of(JsonNode json)
    {
        var text = json.ToJsonString();
        return new ApiAnswer(200, text, Read(text), null);
    }

    public static JsonElement Read(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return default;
        using var document = JsonDocument.Parse(text, Deep);
        return document.RootElement.Clone();
    }

    /// <summary><c>&lt;/jobs/v1/runs?cursor=abc&gt;; rel="next"</c> gives <c>abc</c> (RFC 8288; several links are separated by commas).</summary>
    public static string? CursorOf(IEnumerable<string> links)
    {
        foreach (var header in links)
        {
            var at = 0;
            while ((at = header.IndexOf('<', at)) >= 0)
            {
                var close = header.IndexOf('>', at);
                if (close < 0) break;
                var next = header.IndexOf('<', close);
                var parameters = next < 0 ? header[close..] : header[close..next];
                if (parameters.Replace("\"", "", StringComparison.Ordinal).Contains("rel=next", StringComparison.OrdinalIgnoreCase))
                    return Cursor(header[(at + 1)..close]);
                at = close;
            }
        }
        return null;
    }

    static string? Cursor(string url)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        if (query < 0) return null;
        foreach (var pair in url[(query + 1)..].Split('&'))
            if (pair.StartsWith("cursor=", StringComparison.Ordinal)) return Uri.UnescapeDataString(pair["cursor=".Length..].Replace('+', ' '));
        return null;
    }
}
