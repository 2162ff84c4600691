namespace ReactorJobs.Hosting.Configuration;

/// <summary>What a text has to be.</summary>
public enum SettingForm
{
    Text,
    /// <summary>An absolute http or https address.</summary>
    WebAddress,
    /// <summary>32 bytes in Base64.</summary>
    Key,
    /// <summary>Of Npgsql.</summary>
    Connection,
}

/// <summary>Of a section that may be there several times, each under a name.</summary>
public abstract record NamedSettings
{
    /// <summary>The last part of its table's name.</summary>
    public string Name { get; init; } = "";
}

/// <param name="table">The table of the file, such as <c>jobs.functions</c>; <c>*</c> at its end stands for a name.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SettingsSectionAttribute(string table, string about) : Attribute
{
    public string Table { get; } = table;

    public string About { get; } = about;
}

/// <summary>One key of a section. The default is the property's own.</summary>
/// <param name="about">For the documentation: one or two sentences.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string key, string about) : Attribute
{
    public string Key { get; } = key;

    public string About { get; } = about;

    public string Unit { get; init; } = "";

    /// <summary>Bounds of a number, both allowed.</summary>
    public long Least { get; init; }

    public long Most { get; init; }

    /// <summary>A key of the same section whose number this one may not exceed.</summary>
    public string? NotAbove { get; init; }

    /// <summary>The words that a text may be; empty is any.</summary>
    public string[] OneOf { get; init; } = [];

    public SettingForm Form { get; init; }

    /// <summary>Whether a section with a name has to have it.</summary>
    public bool Required { get; init; }

    /// <summary>Whether the value may not be shown, not even when it is wrong.</summary>
    public bool Hidden { get; init; }

    /// <summary>What holds when the key is not there and the property's default is nothing.</summary>
    public string Absent { get; init; } = "";
}
