using Microsoft.Extensions.Configuration;
using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Tests.Configuration;

/// <summary>A folder with a <c>Reactor.toml</c>, and an environment of its own.</summary>
sealed class SettingsFolder : IDisposable
{
    readonly Dictionary<string, string> environment = [];

    public SettingsFolder(string? toml = null)
    {
        if (toml is not null)
            Write("Reactor.toml", toml);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("reactor-settings-").FullName;

    public string File => Path.Combine(Folder, "Reactor.toml");

    public SettingsFolder With(string name, string value)
    {
        environment[name] = value;
        return this;
    }

    public void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, file))!);
        System.IO.File.WriteAllText(Path.Combine(Folder, file), text);
    }

    public FoundSettings Load(string below = "") => SettingsFile.Load(Path.Combine(Folder, below), environment);

    /// <summary>The one line, without the folder.</summary>
    public string Refused()
    {
        var line = Assert.Throws<SettingsRefused>(() => Load()).Message;
        Assert.DoesNotContain('\n', line);
        return line.Replace(Folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
    }

    /// <summary>The file alone, as any program of .NET reads it.</summary>
    public IConfigurationRoot Configuration() => new ConfigurationBuilder().Add(new TomlConfigurationSource(File, environment.GetValueOrDefault)).Build();

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
