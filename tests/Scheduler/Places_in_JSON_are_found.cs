using System.Text;
using System.Text.Json;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A pointer becomes the line and column to look at, whichever way the field is spelled, and however much stands around it.</summary>
public sealed class Places_in_JSON_are_found
{
    const string Text = "\n{ \"first_name\": [1, {\"Zoë\": 2, \"b\": 3}],\r\n\t\"A_B\": 1, \"AB\": 2, \"twice\": 1,\n  \"twice\": {\"x\": [\n]} }";

    [Theory]
    [InlineData("", "2:1")]
    [InlineData("/first_name", "2:3")]
    [InlineData("/firstName", "2:3")]
    [InlineData("/first_name/0", "2:18")]
    [InlineData("/firstName/1", "2:21")]
    [InlineData("/first_name/1/b", "2:32")]
    [InlineData("/first_name/1/missing", "2:21")]
    [InlineData("/first_name/9/missing", "2:3")]
    [InlineData("/missing", "2:1")]
    [InlineData("/A_B", "3:2")]
    [InlineData("/AB", "3:12")]
    [InlineData("/aB", "3:2")]
    [InlineData("/twice", "4:3")]
    [InlineData("/twice/x", "4:13")]
    public void At(string pointer, string place)
    {
        Assert.Equal(place, new JsonPlaces(Encoding.UTF8.GetBytes(Text), [pointer]).Of(pointer).ToString());
        Assert.Equal(place, new JsonPlaces(Encoding.UTF8.GetBytes(Text), ["/first_name/1/b", "/A_B", "/AB", "/twice/x", pointer]).Of(pointer).ToString());
    }

    [Fact]
    public void In_a_large_text_that_is_mostly_of_no_interest()
    {
        var text = $$"""{"payload": [{{string.Join(',', Enumerable.Repeat("0", 200_000))}}],{{"\n"}}"wrong": 1}""";
        Assert.Equal(new JsonPlace(2, 1), new JsonPlaces(Encoding.UTF8.GetBytes(text), ["/wrong"]).Of("/wrong"));
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("{\n\n  \"é\": !", 3, 8)]
    public void Where_reading_fails_is_a_place(string text, int line, int column)
    {
        var json = Encoding.UTF8.GetBytes(text);
        var failure = Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(json));
        Assert.Equal(new JsonPlace(line, column), JsonPlace.Of(failure, json));
    }
}
