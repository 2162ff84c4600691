using System.Text;

namespace ReactorJobs.Cli.Completion;

/// <summary>Writes completion scripts. They ask nobody: completing a word must not start a program or a request.</summary>
static class ShellScripts
{
    public static string Bash(IReadOnlyList<CompletionPoint> points)
    {
        var text = new StringBuilder("# Completion of reactor for bash: source <(reactor completion bash)\n_reactor() {\n")
            .Append("  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' i word offers='' flags=''\n")
            .Append("  COMPREPLY=()\n")
            .Append("  for ((i = 1; i < COMP_CWORD; i++)); do\n    word=${COMP_WORDS[i]}\n")
            .Append($"    case $word in {Pattern(ValueTakers(points))}) ((i++)); continue ;; esac\n")
            .Append($"    case \"$at $word\" in {Pattern(Paths(points))}) at=\"$at $word\" ;; esac\n  done\n")
            .Append("  case $prev in\n");
        foreach (var (words, values) in Lists(points))
            text.Append($"    {Pattern(words)}) COMPREPLY=($(compgen -W '{string.Join(' ', values)}' -- \"$cur\")); return ;;\n");
        text.Append($"    {Pattern(ValueTakers(points))}) return ;;\n  esac\n  case $at in\n");
        foreach (var point in points)
        {
            var (offers, flags) = (point.Words.Select(x => x.Word), point.Options.SelectMany(x => x.Words));
            text.Append($"    {Quote(point.Path)}) offers={Quote(string.Join(' ', offers))} flags={Quote(string.Join(' ', flags))} ;;\n");
        }
        return text.Append("  esac\n  [[ $cur == -* ]] && offers=$flags\n  COMPREPLY=($(compgen -W \"$offers\" -- \"$cur\"))\n}\n")
            .Append("complete -o default -F _reactor reactor\n").ToString();
    }

    public static string Zsh(IReadOnlyList<CompletionPoint> points)
    {
        var text = new StringBuilder("#compdef reactor\n# Completion of reactor for zsh: source <(reactor completion zsh)\n_reactor() {\n")
            .Append("  local at='' word i prev=${words[CURRENT-1]}\n  local -a offers flags\n")
            .Append("  for ((i = 2; i < CURRENT; i++)); do\n    word=${words[i]}\n")
            .Append($"    case $word in ({Pattern(ValueTakers(points))}) ((i++)); continue ;; esac\n")
            .Append($"    case \"$at $word\" in ({Pattern(Paths(points))}) at=\"$at $word\" ;; esac\n  done\n")
            .Append("  case $prev in\n");
        foreach (var (words, values) in Lists(points)) text.Append($"    ({Pattern(words)}) compadd -- {string.Join(' ', values)}; return ;;\n");
        text.Append($"    ({Pattern(ValueTakers(points))}) _files; return ;;\n  esac\n  case $at in\n");
        foreach (var point in points)
        {
            var flags = point.Options.SelectMany(x => x.Words.Select(word => Described(word, x.Description)));
            var offers = point.Words.Select(x => Described(x.Word, x.Description));
            text.Append($"    ({Quote(point.Path)}) offers=({string.Join(' ', offers)})\n      flags=({string.Join(' ', flags)}) ;;\n");
        }
        return text.Append("  esac\n  if [[ ${words[CURRENT]} == -* ]]; then _describe -o option flags\n")
            .Append("  elif (( $#offers )); then _describe command offers\n  else _files; fi\n}\n")
            .Append("if [[ ${funcstack[1]} == _reactor ]]; then _reactor \"$@\"; else compdef _reactor reactor; fi\n").ToString();
    }

    public static string Fish(IReadOnlyList<CompletionPoint> points)
    {
        var text = new StringBuilder("# Completion of reactor for fish: reactor completion fish | source\nfunction __reactor_at\n")
            .Append("    set -l words (commandline -opc)\n    set -e words[1]\n    set -l at ''\n    set -l value no\n    for word in $words\n")
            .Append("        if test $value = yes\n            set value no\n            continue\n        end\n")
            .Append($"        switch $word\n            case {string.Join(' ', ValueTakers(points).Select(Quote))}\n")
            .Append("                set value yes\n                continue\n        end\n")
            .Append($"        switch \"$at $word\"\n            case {string.Join(' ', Paths(points).Select(Quote))}\n")
            .Append("                set at \"$at $word\"\n        end\n    end\n")
            .Append("    test \"$at\" = \"$argv[1]\"\nend\n");
        foreach (var point in points)
        {
            var here = $"complete -c reactor -n \"__reactor_at '{point.Path}'\"";
            foreach (var command in point.Words) text.Append($"{here} -f -a {Quote(command.Word)} -d {FishQuote(command.Description)}\n");
            foreach (var option in point.Options)
            {
                var names = option.Words.Select(x => x.StartsWith("--", StringComparison.Ordinal) ? $" -l {x[2..]}" : $" -s {x[1..]}");
                var value = option.Values.Count > 0 ? $" -x -a '{string.Join(' ', option.Values)}'" : option.TakesValue ? " -r" : "";
                text.Append($"{here}{string.Concat(names)}{value} -d {FishQuote(option.Description)}\n");
            }
        }
        return text.ToString();
    }

    static IEnumerable<string> Paths(IReadOnlyList<CompletionPoint> points) => points.Select(x => x.Path).Where(x => x.Length > 0);

    /// <summary>What follows them is a value, and no command even where it reads like one.</summary>
    static IEnumerable<string> ValueTakers(IReadOnlyList<CompletionPoint> points) =>
        points.SelectMany(x => x.Options).Where(x => x.TakesValue).SelectMany(x => x.Words).Distinct(StringComparer.Ordinal);

    static IEnumerable<(IEnumerable<string> Words, IEnumerable<string> Values)> Lists(IReadOnlyList<CompletionPoint> points) => points
        .SelectMany(x => x.Options).Where(x => x.Values.Count > 0)
        .GroupBy(x => string.Join('|', x.Words), StringComparer.Ordinal)
        .Select(x => (x.First().Words.AsEnumerable(), x.SelectMany(option => option.Values).Distinct(StringComparer.Ordinal)));

    static string Pattern(IEnumerable<string> words) => string.Join('|', words.Select(Quote));

    static string Described(string word, string description) => Quote($"{word}:{description}");

    static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    static string FishQuote(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
