namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>A place in a document. Both count from 1; columns are counted as editors count them, in UTF-16.</summary>
public readonly record struct TomlPosition(int Line, int Column);

/// <summary>A value and where it is written.</summary>
public abstract class TomlValue(TomlPosition at)
{
    public TomlPosition At { get; } = at;

    /// <summary>What it is, for people: "a string".</summary>
    public abstract string Kind { get; }
}

public sealed class TomlString(TomlPosition at, string text) : TomlValue(at)
{
    public string Text { get; } = text;

    public override string Kind => "a string";
}

public sealed class TomlInteger(TomlPosition at, long number) : TomlValue(at)
{
    public long Number { get; } = number;

    public override string Kind => "a whole number";
}

public sealed class TomlFloat(TomlPosition at, double number) : TomlValue(at)
{
    public double Number { get; } = number;

    public override string Kind => "a number with a fraction";
}

public sealed class TomlBoolean(TomlPosition at, bool value) : TomlValue(at)
{
    public bool Value { get; } = value;

    public override string Kind => "true or false";
}

public enum TomlTimeForm
{
    OffsetDateTime,
    LocalDateTime,
    LocalDate,
    LocalTime,
}

/// <param name="text">
/// As RFC 3339 has it: <c>T</c> between date and time, a capital <c>Z</c>, and the fraction with all the digits that were written, which no type
/// of .NET could hold.
/// </param>
public sealed class TomlTime(TomlPosition at, TomlTimeForm form, string text) : TomlValue(at)
{
    public TomlTimeForm Form { get; } = form;

    public string Text { get; } = text;

    public override string Kind => Form switch
    {
        TomlTimeForm.LocalDate => "a date",
        TomlTimeForm.LocalTime => "a time of day",
        _ => "a date and time",
    };
}

public sealed class TomlArray(TomlPosition at, bool ofTables) : TomlValue(at)
{
    readonly List<TomlValue> items = [];

    public IReadOnlyList<TomlValue> Items => items;

    /// <summary>Whether <c>[[headers]]</c> make it, so that more of them may add to it.</summary>
    public bool OfTables { get; } = ofTables;

    public override string Kind => "an array";

    internal void Add(TomlValue item) => items.Add(item);
}
