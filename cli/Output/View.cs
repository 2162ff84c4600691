using System.Text;

namespace ReactorJobs.Cli.Output;

/// <summary>What a rendering depends on besides its data: colours, the present moment, and the terminal's width (none when piped).</summary>
sealed record View(Paint Paint, DateTimeOffset Now, int? Width)
{
    public Cell Ago(DateTimeOffset? at) => at is { } instant ? Times.Relative(instant, Now) : (Cell)(string?)null;

    public string? Exact(DateTimeOffset? at) => at is { } instant ? Times.IsoAndRelative(instant, Now) : null;

    /// <summary>One thing: a title, then its fields under each other; those without a value are left out.</summary>
    public string Details(string title, IEnumerable<(string Name, string? Value)> fields)
    {
        var shown = fields.Where(f => f.Value is not null).ToList();
        var width = shown.Count == 0 ? 0 : shown.Max(f => f.Name.Length);
        var text = new StringBuilder().Append(title).Append('\n');
        foreach (var (name, value) in shown) text.Append("  ").Append(Paint.Dim(name.PadRight(width))).Append("  ").Append(value).Append('\n');
        return text.ToString();
    }
}
