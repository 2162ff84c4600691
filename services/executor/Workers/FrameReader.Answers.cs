using System.Text;
using System.Text.Json;

namespace ReactorJobs.Executor.Workers;

/// <summary>The answers of functions to plain requests.</summary>
public static partial class FrameReader
{
    static AnswerFrame Answer(FrameFields fields)
    {
        var id = fields.Whole("id", 0, long.MaxValue);
        if (fields.Is("error", JsonTokenType.StartObject))
            return new(id, 0, [], [], Error(fields.Raw("error")));
        var body = fields.TextOrNull("body", MessageBytes) ?? "";
        return new(id, (int)fields.Whole("status", 200, 599), Headers(fields), fields.Flag("base64") ? Base64(fields, body) : Encoding.UTF8.GetBytes(body), null);
    }

    static List<(string, string)> Headers(FrameFields fields)
    {
        try
        {
            return fields.Has("headers") ? [.. JsonSerializer.Deserialize<string[][]>(fields.Raw("headers"))!.Select(x => (x[0], x[1]))] : [];
        }
        catch (Exception exception) when (exception is JsonException or IndexOutOfRangeException or NullReferenceException)
        {
            throw fields.Wrong("headers", "must be an array of names and values");
        }
    }

    static byte[] Base64(FrameFields fields, string body)
    {
        try
        {
            return Convert.FromBase64String(body);
        }
        catch (FormatException)
        {
            throw fields.Wrong("body", "must be base64");
        }
    }
}
