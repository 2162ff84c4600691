using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using ReactorJobs.Hosting.Configuration.Toml;

namespace ReactorJobs.Hosting.Configuration;

/// <summary>A TOML file as a source of configuration: keys joined by <c>:</c>, items of arrays by their index.</summary>
/// <param name="environment">For <c>{{ env NAME }}</c> in strings; null is a variable that is not set.</param>
public sealed class TomlConfigurationSource(string file, Func<string, string?> environment) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new TomlConfigurationProvider(file, environment);
}

public sealed partial class TomlConfigurationProvider(string file, Func<string, string?> environment) : SettingsProvider
{
    /// <exception cref="SettingsRefused">The file cannot be read, is no TOML, or refers to a variable that is not set.</exception>
    public override void Load()
    {
        Forget();
        try
        {
            Put("", "", TomlDocument.Read(File.ReadAllBytes(file)));
        }
        catch (TomlException exception)
        {
            throw new SettingsRefused($"{Place(exception.At)}: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsRefused($"{file} cannot be read: {exception.Message}");
        }
    }

    void Put(string path, string name, TomlTable table)
    {
        // Empty tables and arrays are there, as the JSON provider has it: one without a value, the other with an empty one.
        if (path.Length > 0 && table.Entries.Count == 0)
            Data[path] = null;
        foreach (var entry in table.Entries)
            Put(Join(path, entry.Key, ":"), Join(name, entry.Key, "."), entry.At, entry.Value);
    }

    void Put(string path, string name, TomlPosition at, TomlValue value)
    {
        // What is wrong with a value is shown at the value; a table is where its key is.
        var origin = new SettingOrigin(name, Place(value is TomlTable ? at : value.At), value);
        Put(path, origin);
        switch (value)
        {
            case TomlTable table:
                Put(path, name, table);
                break;
            case TomlArray { Items.Count: 0 }:
                Data[path] = "";
                break;
            case TomlArray array:
                foreach (var (index, item) in array.Items.Index())
                    Put(Join(path, index.ToString(CultureInfo.InvariantCulture), ":"), $"{name}[{index.ToString(CultureInfo.InvariantCulture)}]", item.At, item);
                break;
            default:
                Data[path] = Text(value, origin);
                break;
        }
    }

    string Text(TomlValue value, SettingOrigin origin) => value switch
    {
        TomlString text => Resolve(text.Text, origin),
        TomlInteger integer => integer.Number.ToString(CultureInfo.InvariantCulture),
        TomlFloat number => number.Number.ToString("R", CultureInfo.InvariantCulture),
        TomlBoolean boolean => boolean.Value ? "true" : "false",
        TomlTime time => time.Text,
        _ => throw new InvalidOperationException($"{value.Kind} has no text."),
    };

    // What a variable holds is taken as it is: a secret may have braces.
    string Resolve(string text, SettingOrigin origin) => Reference().Replace(text, match =>
    {
        if (Env().Match(match.Groups[1].Value) is not { Success: true } env)
            throw new SettingsRefused($"{origin.Place}: {origin.Key} has {TomlQuote.Of(match.Value)} in it, which is not {{{{ env NAME }}}}");
        return environment(env.Groups[1].Value)
            ?? throw new SettingsRefused($"{origin.Place}: {origin.Key} is taken from the environment variable {env.Groups[1].Value}, which is not set");
    });

    string Place(TomlPosition at) => string.Create(CultureInfo.InvariantCulture, $"{file}:{at.Line}:{at.Column}");

    static string Join(string path, string key, string separator) => path.Length == 0 ? key : path + separator + key;

    [GeneratedRegex(@"\{\{(.*?)\}\}", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Reference();

    [GeneratedRegex(@"^\s*env\s+([A-Za-z_][A-Za-z0-9_]*)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Env();
}
