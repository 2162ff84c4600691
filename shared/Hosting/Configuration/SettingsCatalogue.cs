using System.Globalization;
using System.Reflection;

namespace ReactorJobs.Hosting.Configuration;

/// <summary>A table of the file and the record that it becomes.</summary>
public sealed record SettingsSection(PropertyInfo Property, SettingsSectionAttribute Given)
{
    const string AnyName = "*";
    const string NamePattern = "^[a-z][a-z0-9_-]{0,62}$";

    public string Table { get; private init; } = Given.Table;

    /// <summary>What the table's keys become; of a section with names each of the items.</summary>
    public Type Record => IsNamed ? Property.PropertyType.GetGenericArguments()[0] : Property.PropertyType;

    /// <summary>Whether there may be several, each under a name.</summary>
    public bool IsNamed => Given.Table.EndsWith(AnyName, StringComparison.Ordinal);

    public IReadOnlyList<Setting> Settings { get; private init; } = [];

    internal static SettingsSection Of(PropertyInfo property)
    {
        var record = property.PropertyType.IsGenericType ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
        var section = new SettingsSection(property, record.GetCustomAttribute<SettingsSectionAttribute>()!);
        var defaults = Activator.CreateInstance(record);
        return section with
        {
            Settings = [.. record.GetProperties().Where(x => x.IsDefined(typeof(SettingAttribute)))
                .Select(x => new Setting(section.Table, x, x.GetCustomAttribute<SettingAttribute>()!, x.GetValue(defaults)))],
        };
    }

    /// <summary>The one of this name.</summary>
    internal SettingsSection Of(string name)
    {
        var table = Before + name;
        return this with { Table = table, Settings = [.. Settings.Select(x => x with { Table = table })] };
    }

    /// <summary>The name in a key of such a section; null for any other key.</summary>
    internal string? NameIn(string key)
    {
        if (!IsNamed || !key.StartsWith(Before, StringComparison.Ordinal))
            return null;
        var end = key.IndexOf('.', Before.Length);
        return end < 0 ? key[Before.Length..] : key[Before.Length..end];
    }

    /// <summary>A key with any name in the place of its own.</summary>
    internal string Generalized(string key) => NameIn(key) is { } name ? Before + AnyName + key[(Before.Length + name.Length)..] : key;

    internal static bool IsName(string name) => System.Text.RegularExpressions.Regex.IsMatch(name, NamePattern);

    string Before => Given.Table[..^AnyName.Length];
}

/// <summary>A key of the file and the property that it becomes.</summary>
/// <param name="Default">Null, or an empty list, where nothing holds until something is given.</param>
public sealed record Setting(string Table, PropertyInfo Property, SettingAttribute Given, object? Default)
{
    /// <summary>As it is written in the file, with its tables.</summary>
    public string Key => $"{Table}.{Given.Key}";

    public string ConfigurationKey => Key.Replace('.', ':');

    /// <summary>The environment variable that wins over the file.</summary>
    public string Variable => SettingVariables.Prefix + Key.Replace(".", SettingVariables.Separator, StringComparison.Ordinal).ToUpperInvariant();

    public bool IsNumber => (Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType) == typeof(int);

    public bool IsList => Property.PropertyType == typeof(IReadOnlyList<string>);

    /// <summary>What is allowed, to follow "must be".</summary>
    public string Allowed => IsList ? $"an array, each item of it {AllowedItem}" : AllowedItem;

    string AllowedItem => IsNumber ? $"a whole number from {Number(Given.Least)} to {Number(Given.Most)}{(Given.Unit.Length > 0 ? $" ({Given.Unit})" : "")}" : Given.Form switch
    {
        SettingForm.WebAddress => "an http or https address in quotes",
        SettingForm.Key => "32 bytes in Base64, in quotes",
        SettingForm.Connection => "a connection string of Npgsql in quotes, such as \"Host=db;Username=watcher;Password=…;Database=shop\"",
        _ when Given.OneOf.Length > 0 => string.Join(" or ", Given.OneOf.Select(x => $"\"{x}\"")),
        _ => "a text in quotes, not an empty one",
    };

    /// <summary>The value of one text; null when it is not allowed.</summary>
    public object? Parse(string text)
    {
        if (IsNumber)
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= Given.Least && number <= Given.Most ? number : null;
        return Given.Form switch
        {
            SettingForm.WebAddress => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? text : null,
            _ when Given.OneOf.Length > 0 => Given.OneOf.Contains(text) ? text : null,
            SettingForm.Key => Convert.TryFromBase64String(text, new byte[text.Length], out var bytes) && bytes == 32 ? text : null,
            SettingForm.Connection => IsConnection(text) ? text : null,
            _ => text.Length > 0 ? text : null,
        };
    }

    static bool IsConnection(string text)
    {
        try
        {
            return new Npgsql.NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException)
        {
            return false;
        }
    }

    static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>Every section and every setting, as the records declare them.</summary>
public static class SettingsCatalogue
{
    public static IReadOnlyList<SettingsSection> Sections { get; } = [.. typeof(ReactorSettings).GetProperties().Select(SettingsSection.Of)];

    public static IEnumerable<Setting> All => Sections.SelectMany(x => x.Settings);

    /// <summary>A key as the catalogue has it: names that are free stand there as <c>*</c>.</summary>
    public static string General(string key) => Sections.Aggregate(key, (x, section) => section.Generalized(x));

    /// <summary>Whether a key is a table that holds settings, or leads to one.</summary>
    public static bool IsTable(string key) => Sections.Any(x => x.Table == key || x.Table.StartsWith(key + ".", StringComparison.Ordinal));

    /// <summary>What follows "is not a setting": what was probably meant, or what there is.</summary>
    public static string Instead(string key)
    {
        var (table, last) = key.LastIndexOf('.') is var dot and >= 0 ? (key[..dot], key[(dot + 1)..]) : ("", key);
        string[] there = [.. All.Where(x => x.Table == table).Select(x => x.Key), .. Sections.Select(x => x.Table).Where(x => Parent(x) == table)];
        string[] near =
        [
            .. there.Where(x => Spelling.Near(last.ToLowerInvariant(), Last(x))),
            .. All.Where(x => x.Table != table && x.Given.Key == last).Select(x => x.Key),
        ];
        return near.Length > 0 ? $"did you mean {string.Join(" or ", near.Take(3))}?" : $"{(table.Length > 0 ? $"[{table}]" : "the file")} may have {string.Join(", ", there.Select(Last))}";
    }

    static string Parent(string key) => key.LastIndexOf('.') is var dot and >= 0 ? key[..dot] : "";

    static string Last(string key) => key[(key.LastIndexOf('.') + 1)..];
}
