using System.Globalization;
using System.Text;
using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Workers;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.HttpHandlers;

/// <summary>What an HTTP handler answered.</summary>
/// <param name="Outcome">The header <c>Reactor-Outcome</c>, which the SDK sets.</param>
/// <param name="Body">Null when it was larger than a result may be.</param>
public sealed record HttpAnswer(int Status, string? Outcome, string? RetryAfter, byte[]? Body)
{
    static readonly JsonReaderOptions Depth = new() { MaxDepth = Limits.Depth };

    /// <summary>The ending that the answer stands for (docs/worker-protocol.md, HTTP handlers).</summary>
    public Ending Read(DateTimeOffset now)
    {
        if (Body is null)
            return Failed("TooLargeError", $"The handler's answer is larger than {Limits.OutputBytes:N0} bytes.", fatal: true);
        if (Outcome == AttemptOutcomes.Suspended && Status == 202)
            return Field("waits") is { } waits ? Suspended(waits) : Failed("ProtocolError", "The handler answered that it is suspended, without waits.", fatal: true);
        if (Status is >= 200 and < 300)
            return Completed();
        var fatal = Status is not (408 or 425 or 429 or >= 500);
        var retryAfter = fatal ? null : RetryAfterMs(RetryAfter, now);
        if (Outcome == AttemptOutcomes.Failed && Field("error") is { } error && Error(error) is { } reported)
            return new(AttemptOutcomes.Failed, Error: reported, Fatal: fatal, RetryAfterMs: retryAfter);
        return Status is >= 300 and < 400
            ? Failed("HttpError", $"The handler answered {Status}, a redirect, and redirects are not followed: give the job the final URL.", fatal: true)
            : Failed("HttpError", Excerpt() is { Length: > 0 } text ? $"The handler answered {Status}: {text}" : $"The handler answered {Status}.", fatal, retryAfter);
    }

    /// <summary>The handler was not asked, or not heard: whatever is wrong may be right at the next attempt.</summary>
    public Ending NotOfHandler(DateTimeOffset now) => Failed(
        "HandlerUnavailableError", $"The server of the handler answered {Status}{(Body is null || Excerpt().Length == 0 ? "" : $": {Excerpt()}")}.", fatal: false, RetryAfterMs(RetryAfter, now));

    public static Ending Unreachable(string reason) => Failed("ConnectionError", $"The handler could not be reached: {reason}", fatal: false);

    Ending Completed()
    {
        if (Body!.Length == 0)
            return new(AttemptOutcomes.Completed);
        if (!System.Text.Unicode.Utf8.IsValid(Body))
            return Failed("EncodingError", "The handler's answer is not valid UTF-8.", fatal: true);
        return new(AttemptOutcomes.Completed, IsJson(Body) ? RawJson.Trusted(Body) : RawJson.From(Encoding.UTF8.GetString(Body)));
    }

    static Ending Suspended(byte[] waits)
    {
        try
        {
            return new(AttemptOutcomes.Suspended, WaitKeys: FrameReader.Waits(waits));
        }
        catch (FieldException exception)
        {
            return Failed("ProtocolError", exception.Message, fatal: true);
        }
    }

    static RunError? Error(byte[] json)
    {
        try
        {
            return FrameReader.Error(json);
        }
        catch (Exception exception) when (exception is FieldException or JsonException)
        {
            return null;
        }
    }

    static bool IsJson(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, Depth);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>One field of a JSON object, where the body is one.</summary>
    byte[]? Field(string name)
    {
        if (!System.Text.Unicode.Utf8.IsValid(Body) || !IsJson(Body))
            return null;
        using var document = JsonDocument.Parse(Body!);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.EnumerateObject().Where(x => RequestBody.NameOf(x) == name).Select(x => RequestBody.Raw(x.Value).Utf8.ToArray()).LastOrDefault()
            : null;
    }

    string Excerpt() => new string([.. Encoding.UTF8.GetString(Body!, 0, Math.Min(Body!.Length, 500)).Where(c => !char.IsControl(c) || c == '\n')]).Trim();

    /// <summary>Seconds or an HTTP date; anything else is not said.</summary>
    internal static long? RetryAfterMs(string? header, DateTimeOffset now) =>
        long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= (long)Duration.Longest.TotalSeconds ? seconds * 1000
        : DateTimeOffset.TryParseExact(header, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? Math.Max(0, (long)(at - now).TotalMilliseconds)
        : null;

    static Ending Failed(string name, string message, bool fatal, long? retryAfterMs = null) =>
        new(AttemptOutcomes.Failed, Error: new(name, message), Fatal: fatal, RetryAfterMs: retryAfterMs);
}
