using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ReactorJobs.Hosting.Configuration;

/// <summary>
/// Environment variables as settings: <c>REACTOR_JOBS__WORKER_COUNT</c> is <c>jobs.worker_count</c>. The two underscores tell them from
/// variables that are no settings, such as <c>REACTOR_TOKEN</c>.
/// </summary>
public sealed class SettingVariables(IReadOnlyDictionary<string, string> environment) : SettingsProvider, IConfigurationSource
{
    public const string Prefix = "REACTOR_";
    public const string Separator = "__";
    public const char BetweenItems = ',';

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load()
    {
        Forget();
        foreach (var (name, text) in environment.Where(x => IsSetting(x.Key)).OrderBy(x => x.Key, StringComparer.Ordinal))
        {
            var key = name[Prefix.Length..].Replace(Separator, ".", StringComparison.Ordinal).ToLowerInvariant();
            var path = key.Replace('.', ':');
            Put(path, new(key, name, null));
            if (SettingsCatalogue.All.Any(x => x.IsList && x.Key == SettingsCatalogue.General(key)))
            {
                foreach (var (index, item) in Items(text).Index())
                    Data[$"{path}:{index.ToString(CultureInfo.InvariantCulture)}"] = item;
            }

            Data[path] = text;
        }
    }

    /// <summary>The items of a list in one variable; an empty variable is an empty list.</summary>
    public static string[] Items(string text) => text.Split(BetweenItems, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    static bool IsSetting(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) && name.IndexOf(Separator, Prefix.Length, StringComparison.Ordinal) > Prefix.Length;
}
