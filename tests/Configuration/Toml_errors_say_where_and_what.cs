using System.Text;
using ReactorJobs.Hosting.Configuration.Toml;

namespace ReactorJobs.Tests.Configuration;

public sealed class Toml_errors_say_where_and_what
{
    [Theory]
    [InlineData("a = 1\nb = four", 2, 5, "\"four\" is no value: a string needs quotes")]
    [InlineData("a = 1\na = 2", 2, 1, "\"a\" is already a whole number (line 1)")]
    [InlineData("[t]\nx = 1\n[t]", 3, 2, "\"t\" is already a table (line 1)")]
    [InlineData("[a]\nb.c = 1\n[a.b]", 3, 4, "\"a.b\" is already a table (line 2)")]
    [InlineData("a = \"x", 1, 5, "is not closed in its line")]
    [InlineData("a = [\n1,\n2\n", 1, 5, "the array that begins here is not closed")]
    [InlineData("a = [1\nx = 2", 2, 1, ", or ] is missing here, where \"x\" stands")]
    [InlineData("a = {b = 1, }", 1, 13, "ends without a comma")]
    [InlineData("a = {b = 1\n}", 1, 11, "the end of the line stands; a table in braces is in one line")]
    [InlineData("a = 01", 1, 5, "may not begin with a zero")]
    [InlineData("a = 1__0", 1, 5, "an underscore stands between two digits")]
    [InlineData("a = 9223372036854775808", 1, 5, "does not fit into 64 bits")]
    [InlineData("a = True", 1, 5, "write it in lower case")]
    [InlineData("a = 2021-02-30", 1, 5, "a day that is in no calendar")]
    [InlineData("a = 25:00:00", 1, 5, "a time that is on no clock")]
    [InlineData("a = 2021-02-03T10:00", 1, 5, "is no time: one looks like 1979-05-27T07:32:00Z")]
    [InlineData("a = \"C:\\dir\"", 1, 8, "this is no escape")]
    [InlineData("a = \"\\u12\"", 1, 6, "needs 4 hexadecimal digits")]
    [InlineData("a = \"\\uD800\"", 1, 6, "names no character")]
    [InlineData("a =", 1, 4, "a value is missing here, where the end of the file stands")]
    [InlineData("a =\r\nb", 1, 4, "where the end of the line stands")]
    [InlineData("a\tb = 1", 1, 3, "= is missing after the key, where \"b\" stands")]
    [InlineData("a = 1 # x\u0001", 1, 10, "the control character U+0001 may not stand in a comment")]
    [InlineData("a = 1\rb = 2", 1, 6, "a carriage return stands alone")]
    [InlineData("[a\n", 1, 3, "] is missing here, where the end of the line stands")]
    [InlineData("ключ = 1", 1, 1, "a key is missing here, where \"к\" stands")]
    [InlineData("😀 = 1", 1, 1, "where \"😀\" stands")]
    [InlineData("a = \"😀\" x", 1, 10, "the line should end here, where \"x\" stands")]
    public void A_mistake_is_named_at_its_place(string document, int line, int column, string message)
    {
        var failure = Assert.Throws<TomlException>(() => TomlDocument.Read(Encoding.UTF8.GetBytes(document)));

        Assert.Equal(new TomlPosition(line, column), failure.At);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void A_byte_that_is_not_UTF_8_is_named_at_its_place()
    {
        var failure = Assert.Throws<TomlException>(() => TomlDocument.Read([.. "a = 1\nb = \"caf"u8, 0xe9, (byte)'"']));

        Assert.Equal(new TomlPosition(2, 9), failure.At);
        Assert.Equal("the file must be UTF-8, and the byte 0xE9 is not", failure.Message);
    }

    [Theory]
    [InlineData("[", "1", "]", 101)]
    [InlineData("{a=", "1", "}", 101)]
    [InlineData("[", "1", "]", 100_000)]
    public void Nesting_has_an_end(string open, string inner, string close, int depth)
    {
        var document = $"a = {string.Concat(Enumerable.Repeat(open, depth))}{inner}{string.Concat(Enumerable.Repeat(close, depth))}";

        Assert.Contains("nested deeper than 100", Assert.Throws<TomlException>(() => TomlDocument.Read(Encoding.UTF8.GetBytes(document))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_know_where_they_are_written()
    {
        var root = TomlDocument.Read("a = 1\n\n[t]\n  x.y = [ 1,\n \"two\" ]\n"u8);

        Assert.True(root.TryGet("t", out var t));
        Assert.Equal(new TomlPosition(3, 2), t.At);
        Assert.True(((TomlTable)t.Value).TryGet("x", out var x));
        Assert.Equal(new TomlPosition(4, 3), x.At);
        Assert.True(((TomlTable)x.Value).TryGet("y", out var y));
        Assert.Equal(new TomlPosition(4, 5), y.At);
        Assert.Equal([new(4, 11), new(5, 2)], ((TomlArray)y.Value).Items.Select(item => item.At));
    }
}
