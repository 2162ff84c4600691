using System.CommandLine;

namespace ReactorJobs.Cli.Connection;

/// <summary><c>--limit</c> and <c>--cursor</c>, the same for every list.</summary>
sealed class Paging
{
    readonly Option<int?> limit = new("--limit") { Description = "At most so many, 1 to 500 (50 when not given).", HelpName = "N" };
    readonly Option<string> cursor = new("--cursor") { Description = "The next page, as the page before named it.", HelpName = "CURSOR" };

    public Paging() => limit.Validators.Add(given =>
    {
        if (given.Tokens.Count == 1 && int.TryParse(given.Tokens[0].Value, out var n) && n is < 1 or > 500) given.AddError("--limit is 1 to 500");
    });

    public Option[] Options => [limit, cursor];

    public (string Name, string? Value) Limit(ParseResult given) => ("limit", given.GetValue(limit)?.ToString());

    public (string Name, string? Value) Cursor(ParseResult given) => ("cursor", given.GetValue(cursor));
}
