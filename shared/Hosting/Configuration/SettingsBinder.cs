using System.Globalization;
using Microsoft.Extensions.Configuration;
using ReactorJobs.Hosting.Configuration.Toml;

namespace ReactorJobs.Hosting.Configuration;

/// <summary>Makes the records from what the providers hold, of which the last wins, and refuses what is not allowed.</summary>
public static class SettingsBinder
{
    /// <exception cref="SettingsRefused">The first mistake that was found.</exception>
    public static ReactorSettings Bind(IConfigurationRoot configuration)
    {
        SettingsProvider[] providers = [.. configuration.Providers.OfType<SettingsProvider>().Reverse()];
        foreach (var origin in providers.Reverse().SelectMany(x => x.Origins))
            RefuseUnknown(origin);

        var settings = new ReactorSettings();
        foreach (var section in SettingsCatalogue.Sections)
            section.Property.SetValue(settings, section.IsNamed ? BindNamed(section, providers) : Bind(section, providers));
        return settings;
    }

    static object Bind(SettingsSection section, SettingsProvider[] providers)
    {
        var record = Activator.CreateInstance(section.Record)!;
        foreach (var setting in section.Settings)
            if (Read(setting, providers) is { } value)
                setting.Property.SetValue(record, value);
        foreach (var setting in section.Settings.Where(x => x.Given.NotAbove is not null))
            RefuseAbove(setting, section.Settings.Single(x => x.Given.Key == setting.Given.NotAbove), record, providers);
        return record;
    }

    /// <summary>One for each name that a key has, in the order of the names.</summary>
    static Array BindNamed(SettingsSection section, SettingsProvider[] providers)
    {
        var named = providers.SelectMany(x => x.Origins).Where(x => section.NameIn(x.Key) is not null).GroupBy(x => section.NameIn(x.Key)!).OrderBy(x => x.Key, StringComparer.Ordinal).ToArray();
        var records = Array.CreateInstance(section.Record, named.Length);
        foreach (var (i, origins) in named.Index())
        {
            if (!SettingsSection.IsName(origins.Key))
                throw new SettingsRefused($"{origins.First().Place}: {origins.First().Key} has the name {TomlQuote.Of(origins.Key)}, but a name has a-z 0-9 _ - and begins with a letter");
            var one = section.Of(origins.Key);
            if (one.Settings.FirstOrDefault(x => x.Given.Required && OriginOf(x, providers) is null) is { } missing)
                throw new SettingsRefused($"{origins.First().Place}: [{one.Table}] has no {missing.Given.Key}");
            var record = Bind(one, providers);
            section.Record.GetProperty(nameof(NamedSettings.Name))!.SetValue(record, origins.Key);
            records.SetValue(record, i);
        }

        return records;
    }

    static void RefuseUnknown(SettingOrigin origin)
    {
        var key = SettingsCatalogue.General(origin.Key);
        if (SettingsCatalogue.IsTable(key))
        {
            if (origin.Written is not TomlTable)
                throw new SettingsRefused($"{origin.Place}: {origin.Key} is {Shown(origin.Written)}, but must be a table");
            return;
        }

        if (!SettingsCatalogue.All.Any(x => x.Key == key || IsBelow(origin, key, x)))
            throw new SettingsRefused($"{origin.Place}: {origin.Key} is not a setting; {SettingsCatalogue.Instead(key)}");
    }

    // An item of a list; or the setting is a table, and its own check says so.
    static bool IsBelow(SettingOrigin origin, string key, Setting setting) => origin.Written is not null && key.StartsWith(setting.Key, StringComparison.Ordinal)
        && key.Length > setting.Key.Length && key[setting.Key.Length] is '.' or '[';

    static object? Read(Setting setting, SettingsProvider[] providers)
    {
        foreach (var provider in providers)
            if (provider.TryGetOrigin(setting.ConfigurationKey, out var origin))
                return setting.IsList ? ReadList(setting, provider, origin) : ReadOne(setting, provider, setting.ConfigurationKey, origin);
        return null;
    }

    // A list replaces that of the source below as a whole; merged by index it would be neither of the two.
    static string[] ReadList(Setting setting, SettingsProvider provider, SettingOrigin origin)
    {
        if (origin.Written is null)
            return [.. SettingVariables.Items(Text(provider, setting.ConfigurationKey)).Select(item => setting.Parse(item) as string ?? throw Wrong(setting, origin))];
        if (origin.Written is not TomlArray array)
            throw Wrong(setting, origin);
        return [.. array.Items.Select((_, index) =>
        {
            var path = $"{setting.ConfigurationKey}:{index}";
            return provider.TryGetOrigin(path, out var item) ? (string)ReadOne(setting, provider, path, item) : throw Wrong(setting, origin);
        })];
    }

    static object ReadOne(Setting setting, SettingsProvider provider, string path, SettingOrigin origin)
    {
        var fits = origin.Written is null || (setting.IsNumber ? origin.Written is TomlInteger : origin.Written is TomlString);
        return fits && setting.Parse(Text(provider, path)) is { } value ? value : throw Wrong(setting, origin, provider, path);
    }

    static void RefuseAbove(Setting setting, Setting bound, object record, SettingsProvider[] providers)
    {
        var (value, most) = ((int)setting.Property.GetValue(record)!, (int)bound.Property.GetValue(record)!);
        if (value <= most)
            return;
        var (own, others) = (OriginOf(setting, providers), OriginOf(bound, providers));
        throw new SettingsRefused(own is not null
            ? $"{own.Place}: {setting.Key} is {value}, but must not be above {bound.Key}, which is {most}{(others is null ? " by default" : "")}"
            : $"{others!.Place}: {bound.Key} is {most}, but must not be below {setting.Key}, which is {value} by default");
    }

    static SettingOrigin? OriginOf(Setting setting, SettingsProvider[] providers) =>
        providers.Select(x => x.TryGetOrigin(setting.ConfigurationKey, out var origin) ? origin : null).FirstOrDefault(x => x is not null);

    static SettingsRefused Wrong(Setting setting, SettingOrigin origin) => new($"{origin.Place}: {origin.Key} is {Hidden(setting) ?? Shown(origin.Written)}, but must be {setting.Allowed}");

    static SettingsRefused Wrong(Setting setting, SettingOrigin origin, SettingsProvider provider, string path)
    {
        var isText = origin.Written is null or TomlString;
        return new($"{origin.Place}: {origin.Key} is {Hidden(setting) ?? (isText ? TomlQuote.Of(Text(provider, path)) : Shown(origin.Written))}, but must be {setting.Allowed}");
    }

    static string? Hidden(Setting setting) => setting.Given.Hidden ? "not valid (what it is is not shown here)" : null;

    static string Shown(TomlValue? value) => value switch
    {
        TomlInteger integer => integer.Number.ToString(CultureInfo.InvariantCulture),
        TomlFloat number => $"{number.Number.ToString(CultureInfo.InvariantCulture)} ({number.Kind})",
        TomlBoolean boolean => boolean.Value ? "true" : "false",
        TomlString text => TomlQuote.Of(text.Text),
        TomlTime time => time.Text,
        null => "a text",
        _ => value.Kind,
    };

    static string Text(SettingsProvider provider, string path) => provider.TryGet(path, out var text) ? text ?? "" : "";
}
