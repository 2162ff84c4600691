using Microsoft.Extensions.Configuration;

namespace ReactorJobs.Hosting.Configuration;

/// <summary>The settings of an installation, and the file that they come from; null when there is none.</summary>
public sealed record FoundSettings(ReactorSettings Settings, string? File);

/// <summary>Finds the file that holds for a folder: the nearest one, from there upwards.</summary>
public static class SettingsFile
{
    static readonly string[] Names = ["Reactor.toml", "reactor.toml"];

    /// <param name="environment">Wins over the file, and fills <c>{{ env NAME }}</c> in it.</param>
    /// <exception cref="SettingsRefused">One line for the person who starts the program.</exception>
    public static FoundSettings Load(string folder, IReadOnlyDictionary<string, string> environment)
    {
        var file = Find(folder);
        var builder = new ConfigurationBuilder();
        if (file is not null)
            builder.Add(new TomlConfigurationSource(file, environment.GetValueOrDefault));
        builder.Add(new SettingVariables(environment));
        return new(SettingsBinder.Bind(builder.Build()), file);
    }

    public static string? Find(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            foreach (var name in Names)
                if (Path.Combine(at.FullName, name) is var file && File.Exists(file))
                    return file;
        return null;
    }
}
