using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Changes;
using ReactorJobs.Events.Watches;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>What a server prints is never trusted to be what its type promises: the JSON is valid whatever comes.</summary>
public sealed class Text_becomes_JSON_whatever_it_is
{
    [Fact]
    public void For_every_type() => Prop.ForAll(Texts(), Gen.Elements<ColumnType>([.. ColumnType.BuiltIn.Values, ColumnType.Text, .. ColumnType.BuiltIn.Values.Select(x => ColumnType.ArrayOf(x))]).ToArbitrary(), (text, type) =>
    {
        using var _ = JsonDocument.Parse(ColumnJson.Of(type, text).Utf8);
        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void An_array_is_read_as_it_was_written() => Prop.ForAll(
        ArbMap.Default.GeneratorFor<string?[]>().ToArbitrary(), items =>
        {
            string?[] wanted = [.. items.Select(x => x?.Replace("\0", "", StringComparison.Ordinal))];
            var literal = "{" + string.Join(',', wanted.Select(x => x is null ? "NULL" : $"\"{x.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"")) + "}";
            return ArrayLiteral.TryParse(literal, ',', out var array) && array.Items!.Select(x => x.Text).SequenceEqual(wanted);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Theory]
    [InlineData("{")]
    [InlineData("{1,2")]
    [InlineData("{1}x")]
    [InlineData("{\"a}")]
    [InlineData("{a\\")]
    [InlineData("[0:1]")]
    [InlineData("")]
    public void What_is_no_array_stays_text(string text) => Assert.Equal(text, ColumnJson.Of(ColumnType.ArrayOf(new(ColumnKind.Number)), text).Read<string>());

    [Fact]
    public void A_table_s_name_is_read_as_it_is_shown() => Prop.ForAll(Texts(), Texts(), (schema, table) =>
    {
        if (schema.Length is 0 or > 15 || table.Length is 0 or > 15 || (schema + table).Any(x => x == '\0' || char.IsSurrogate(x)))
            return true;
        var name = new TableName(schema, table);
        return TableName.TryParse(name.ToString(), out var read) && read == name;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [InlineData(10, null, 100, false)]
    [InlineData(100, null, 100, true)]
    [InlineData(60, 100L, 100, true)]
    [InlineData(49, 100L, 100, false)]
    [InlineData(100, 1000L, 100, true)]
    public void A_slot_that_keeps_too_much_is_warned_of(long held, long? most, long allowed, bool isTooLong) =>
        Assert.Equal(isTooLong, new SlotStatus(true, "reserved", held, held, most, default).IsTooLong(allowed));

    static Arbitrary<string> Texts() => Gen.OneOf(
        ArbMap.Default.GeneratorFor<NonNull<string>>().Select(x => x.Get),
        Gen.Elements("t", "f", "1", "-0", "1e5", "NaN", "01", "{1,2}", "{{1},{2}}", "[2:3]={1,2}", "null", "[1", "{\"a\":1}", "2026-03-01 12:00:00+00", "infinity", "a.b", "\"a\"")).ToArbitrary();
}
