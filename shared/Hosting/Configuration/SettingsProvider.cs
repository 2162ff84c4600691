using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using ReactorJobs.Hosting.Configuration.Toml;

namespace ReactorJobs.Hosting.Configuration;

/// <summary>Where a value comes from.</summary>
/// <param name="Key">As it is written in the file: <c>jobs.worker_count</c>.</param>
/// <param name="Place">What an error begins with: file, line and column, or the variable's name.</param>
/// <param name="Written">As it stands in the file; null for a variable, which has text only.</param>
public sealed record SettingOrigin(string Key, string Place, TomlValue? Written);

/// <summary>Settings whose origin is known, so that a wrong one can be named with its place.</summary>
public abstract class SettingsProvider : ConfigurationProvider
{
    readonly Dictionary<string, SettingOrigin> byKey = new(StringComparer.OrdinalIgnoreCase);
    readonly List<SettingOrigin> origins = [];

    /// <summary>Of every value and every table, in the order in which they are written.</summary>
    public IReadOnlyList<SettingOrigin> Origins => origins;

    public bool TryGetOrigin(string configurationKey, [NotNullWhen(true)] out SettingOrigin? origin) => byKey.TryGetValue(configurationKey, out origin);

    protected void Forget()
    {
        Data.Clear();
        byKey.Clear();
        origins.Clear();
    }

    protected void Put(string configurationKey, SettingOrigin origin)
    {
        if (!byKey.TryAdd(configurationKey, origin))
            throw new SettingsRefused($"{origin.Place}: {origin.Key} is the same key as {byKey[configurationKey].Key}: they differ in nothing that counts");
        origins.Add(origin);
    }
}

/// <summary>Settings that cannot be used. The message is one line: the place, the key, the value, and what is allowed.</summary>
public sealed class SettingsRefused(string message) : Exception(message);
