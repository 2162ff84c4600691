using System.Text;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Executor.Runtime;

/// <summary>The frames that only a function's runner gets.</summary>
static class RunnerFrames
{
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="folder">The function's, as the runner sees it.</param>
    /// <param name="entry">The module to import, relative to the folder.</param>
    /// <param name="function">Its name: what of a handler comes after it names the export.</param>
    public static ServerFrame Welcome(string worker, string function, string folder, string entry, IReadOnlyDictionary<string, string> env) => ServerFrame.Ready(RawJson.From(new
    {
        t = "welcome",
        protocol = WorkerProtocol.Version,
        worker,
        heartbeat_ms = (long)RunnerLine.Heartbeat.TotalMilliseconds,
        function,
        folder,
        entry,
        env,
    }));

    public static ServerFrame Invoke(long id, FunctionRequest request)
    {
        var (body, base64) = Text(request.Body.Span);
        return ServerFrame.Ready(RawJson.From(new
        {
            t = "invoke",
            id,
            method = request.Method,
            path = request.Path,
            headers = request.Headers.Select(x => new[] { x.Name, x.Value }),
            body,
            base64,
        }));
    }

    static (string Body, bool Base64) Text(ReadOnlySpan<byte> body)
    {
        try
        {
            return (Strict.GetString(body), false);
        }
        catch (DecoderFallbackException)
        {
            return (Convert.ToBase64String(body), true);
        }
    }
}
