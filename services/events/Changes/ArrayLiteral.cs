using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ReactorJobs.Events.Changes;

/// <summary>An array as PostgreSQL prints it, such as <c>{1,NULL,"a, b"}</c>, or an item of one.</summary>
/// <param name="Items">Null for what is no array.</param>
/// <param name="Text">Of an item; null is NULL.</param>
public sealed record ArrayLiteral(IReadOnlyList<ArrayLiteral>? Items, string? Text)
{
    static readonly ArrayLiteral Null = new(null, null);

    /// <param name="delimiter">Between items: a comma for all built-in types but one.</param>
    public static bool TryParse(string text, char delimiter, [NotNullWhen(true)] out ArrayLiteral? array)
    {
        var at = 0;
        // Bounds that do not begin at 1 stand before the items: [2:3]={a,b}
        if (text.StartsWith('[') && text.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
            at = equals + 1;
        array = ReadArray(text, ref at, delimiter);
        return array is not null && at == text.Length;
    }

    static ArrayLiteral? ReadArray(string text, ref int at, char delimiter)
    {
        if (at >= text.Length || text[at] != '{')
            return null;
        at++;
        var items = new List<ArrayLiteral>();
        if (at < text.Length && text[at] == '}')
        {
            at++;
            return new(items, null);
        }

        while (at < text.Length)
        {
            if ((text[at] == '{' ? ReadArray(text, ref at, delimiter) : ReadItem(text, ref at, delimiter)) is not { } item)
                return null;
            items.Add(item);
            if (at >= text.Length)
                return null;
            var next = text[at++];
            if (next == '}')
                return new(items, null);
            if (next != delimiter)
                return null;
        }

        return null;
    }

    static ArrayLiteral? ReadItem(string text, ref int at, char delimiter)
    {
        var item = new StringBuilder();
        var isQuoted = text[at] == '"';
        if (isQuoted)
            at++;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (isQuoted ? c == '"' : c == delimiter || c == '}')
            {
                if (isQuoted)
                    at++;
                return !isQuoted && item.Equals("NULL") ? Null : new(null, item.ToString());
            }

            if (c == '\\' && ++at == text.Length)
                return null;
            item.Append(text[at]);
        }

        return null;
    }
}
