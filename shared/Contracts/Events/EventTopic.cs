using System.Text;

namespace ReactorJobs.Contracts;

/// <summary>The rule for topics, wherever they come in: exact and case-sensitive, any 1 to 256 characters (code points) that people can read.</summary>
public static class EventTopic
{
    public const int Longest = 256;

    /// <summary>What is wrong with a topic, or null.</summary>
    public static string? Flaw(string? topic)
    {
        if (string.IsNullOrEmpty(topic))
            return "must not be empty";
        var length = 0;
        for (var rest = topic.AsSpan(); !rest.IsEmpty; length++)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var consumed) != System.Buffers.OperationStatus.Done)
                return "must be valid Unicode";
            if (Rune.IsControl(rune))
                return "must not contain control characters";
            rest = rest[consumed..];
        }

        return length > Longest ? $"must have at most {Longest} characters" : null;
    }
}
