using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ReactorJobs.Contracts;

/// <summary>
/// A table as triggers name it: <c>schema.table</c>, or the table alone, which is one of <c>public</c>. Each part is the name itself, case included;
/// in double quotes it may hold a dot, a quote (doubled) or a blank.
/// </summary>
public readonly record struct TableName(string Schema, string Table)
{
    /// <summary>Of a name in PostgreSQL.</summary>
    public const int LongestPart = 63;

    public const string DefaultSchema = "public";

    public const string Rule = "must be a table's name, such as public.orders or orders; a part with a dot or a blank in it stands in double quotes";

    const string Part = "(?:\"(?:[^\"\\u0000]|\"\")+\"|[^\"\\.\\s\\u0000-\\u001f\\u007f]+)";

    /// <summary>As a regular expression that .NET and ECMAScript understand alike.</summary>
    public const string Pattern = $"^(?:{Part}\\.)?{Part}$";

    public static bool TryParse([NotNullWhen(true)] string? text, out TableName name)
    {
        name = default;
        var rest = text.AsSpan();
        if (!TryPart(ref rest, out var first))
            return false;
        if (rest.IsEmpty)
        {
            name = new(DefaultSchema, first);
            return true;
        }

        if (rest[0] != '.')
            return false;
        rest = rest[1..];
        if (!TryPart(ref rest, out var second) || !rest.IsEmpty)
            return false;
        name = new(first, second);
        return true;
    }

    /// <summary>With its schema, and quoted where that is needed: the same table is the same text.</summary>
    public override string ToString() => $"{Shown(Schema)}.{Shown(Table)}";

    static bool TryPart(ref ReadOnlySpan<char> rest, out string part)
    {
        part = "";
        var text = new StringBuilder();
        if (rest is ['"', ..])
        {
            var i = 1;
            for (; i < rest.Length; i++)
            {
                if (rest[i] != '"')
                    text.Append(rest[i]);
                else if (i + 1 < rest.Length && rest[i + 1] == '"')
                    text.Append(rest[i++]);
                else
                    break;
            }

            if (i >= rest.Length)
                return false;
            rest = rest[(i + 1)..];
        }
        else
        {
            var end = 0;
            while (end < rest.Length && !IsSpecial(rest[end]))
                end++;
            text.Append(rest[..end]);
            rest = rest[end..];
        }

        part = text.ToString();
        return part.Length > 0 && !part.Contains('\0') && Encoding.UTF8.GetByteCount(part) <= LongestPart;
    }

    static string Shown(string part) => part.Any(IsSpecial) ? $"\"{part.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : part;

    static bool IsSpecial(char c) => c is '"' or '.' || char.IsWhiteSpace(c) || char.IsControl(c);
}
