using System.CommandLine;
using System.CommandLine.Completions;

namespace ReactorJobs.Cli.Completion;

/// <summary>A word that may stand somewhere, and what it means.</summary>
readonly record struct Offer(string Word, string Description);

/// <param name="Words">The option's names.</param>
/// <param name="Values">What it may be, where that is a closed list.</param>
sealed record OptionOffer(IReadOnlyList<string> Words, string Description, bool TakesValue, IReadOnlyList<string> Values);

/// <param name="Path">The command's words, each after a space: nothing for the program itself, <c>" jobs list"</c>.</param>
/// <param name="Words">The commands below it, or what its arguments may be where that is a closed list.</param>
sealed record CompletionPoint(string Path, IReadOnlyList<Offer> Words, IReadOnlyList<OptionOffer> Options);

/// <summary>The commands as completion scripts need them: a point for each, with all that may follow it.</summary>
static class CompletionTree
{
    public static IReadOnlyList<CompletionPoint> Of(RootCommand root) => [.. Points(root, "", [])];

    static IEnumerable<CompletionPoint> Points(Command command, string path, IReadOnlyList<Option> inherited)
    {
        var options = command.Options.Where(x => !x.Hidden).ToList();
        var commands = command.Subcommands.Where(x => !x.Hidden).ToList();
        var values = command.Arguments.SelectMany(x => x.GetCompletions(CompletionContext.Empty)).Select(x => new Offer(x.Label, ""));
        var words = commands.Select(x => new Offer(x.Name, x.Description ?? "")).Concat(values);
        yield return new CompletionPoint(path, [.. words], [.. options.Concat(inherited).Select(Read)]);
        IReadOnlyList<Option> everywhere = [.. inherited, .. options.Where(x => x.Recursive)];
        foreach (var inner in commands.SelectMany(x => Points(x, $"{path} {x.Name}", everywhere))) yield return inner;
    }

    static OptionOffer Read(Option option) => new(
        [.. option.Aliases.Prepend(option.Name).Where(x => x.StartsWith('-') && x != "-?").Distinct(StringComparer.Ordinal)],
        option.Description ?? "",
        option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0,
        [.. option.GetCompletions(CompletionContext.Empty).Where(_ => option.ValueType == typeof(string)).Select(x => x.Label)]);
}
