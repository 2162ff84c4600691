using System.Text.Json.Nodes;
using ReactorJobs.Hosting.Configuration.Toml;

namespace ReactorJobs.Tests.Configuration;

/// <summary>Every document of the corpus, value for value against another reader; those in <c>bad/</c> are no TOML 1.0.</summary>
public sealed class Toml_is_read_as_others_read_it(SmolToml smol) : IClassFixture<SmolToml>
{
    /// <summary>Where smol-toml leaves TOML 1.0, and why. What it reads of version 1.1 is refused here.</summary>
    static readonly Dictionary<string, string> Differences = new()
    {
        ["bad/inline-table-trailing-comma"] = "TOML 1.1: line ends, comments and a trailing comma in inline tables",
        ["bad/inline-table-over-lines"] = "TOML 1.1: line ends, comments and a trailing comma in inline tables",
        ["bad/inline-table-newline-after-comma"] = "TOML 1.1: line ends, comments and a trailing comma in inline tables",
        ["bad/inline-table-newline-before-closing"] = "TOML 1.1: line ends, comments and a trailing comma in inline tables",
        ["bad/inline-table-comment"] = "TOML 1.1: line ends, comments and a trailing comma in inline tables",
        ["bad/inline-table-empty-over-lines"] = "TOML 1.1: line ends, comments and a trailing comma in inline tables",
        ["bad/string-escape-e"] = "TOML 1.1: \\e and \\xHH",
        ["bad/string-escape-x"] = "TOML 1.1: \\e and \\xHH",
        ["bad/time-no-seconds"] = "TOML 1.1: times without seconds",
        ["bad/date-time-no-seconds"] = "TOML 1.1: times without seconds",
        ["bad/local-date-time-no-seconds"] = "TOML 1.1: times without seconds",
        ["bad/integer-too-large"] = "laxer: integers of any size, when asked for big ones",
        ["bad/integer-too-small"] = "laxer: integers of any size, when asked for big ones",
        ["bad/integer-far-too-large"] = "laxer: integers of any size, when asked for big ones",
        ["bad/hexadecimal-too-large"] = "laxer: integers of any size, when asked for big ones",
        ["bad/hexadecimal-far-too-large"] = "laxer: integers of any size, when asked for big ones",
        ["bad/octal-too-large"] = "laxer: integers of any size, when asked for big ones",
        ["bad/date-february-29"] = "laxer: the Date of JavaScript takes a day that is not in the month for one of the next",
        ["bad/date-february-29-1900"] = "laxer: the Date of JavaScript takes a day that is not in the month for one of the next",
        ["bad/date-february-30"] = "laxer: the Date of JavaScript takes a day that is not in the month for one of the next",
        ["bad/date-april-31"] = "laxer: the Date of JavaScript takes a day that is not in the month for one of the next",
        ["good/leap-second"] = "stricter: the Date of JavaScript has no second 60, RFC 3339 has",
        ["good/dotted-key-defines-implicit-table"] = "stricter: a table that was only passed through is not defined yet, so a dotted key may define it (as Python reads it)",
    };

    public static TheoryData<string> Documents => [.. SmolToml.Documents];

    public static TheoryData<string> Different => [.. Differences.Keys];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_has_the_same_values_or_is_refused_by_both(string document)
    {
        var ours = Read(document);

        Assert.Equal(document.StartsWith("good", StringComparison.Ordinal), ours is not null);
        if (!Differences.ContainsKey(document))
            Assert.Equal(smol.Read(document)?.ToJsonString(), ours?.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Different))]
    public void A_listed_difference_is_still_one(string document) => Assert.NotEqual(smol.Read(document)?.ToJsonString(), Read(document)?.ToJsonString());

    [Fact]
    public void The_corpus_has_enough_of_both_kinds()
    {
        Assert.InRange(SmolToml.Documents.Count(x => x.StartsWith("good", StringComparison.Ordinal)), 100, int.MaxValue);
        Assert.InRange(SmolToml.Documents.Count(x => x.StartsWith("bad", StringComparison.Ordinal)), 200, int.MaxValue);
    }

    static JsonNode? Read(string document)
    {
        try
        {
            return SmolToml.Shown(TomlDocument.Read(File.ReadAllBytes(SmolToml.PathOf(document))));
        }
        catch (TomlException)
        {
            return null;
        }
    }
}
