namespace ReactorJobs.Hosting;

/// <summary>Whether a word was probably meant as another: the start of it, or at most two letters off.</summary>
public static class Spelling
{
    public static bool Near(string word, string name) =>
        word.Length > 1 && (name.StartsWith(word, StringComparison.OrdinalIgnoreCase) || Distance(word, name) <= Math.Min(2, name.Length / 2));

    /// <summary>Levenshtein's distance, one row at a time.</summary>
    public static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
