using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Logs;
using ReactorJobs.Executor.Workers;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.HttpHandlers;

/// <summary>
/// Where an HTTP handler asks for its journal and adds to it, with the token that came with its attempt. The path names the executor that runs
/// the attempt: what stands before several of them can tell by it where a callback belongs. Whether it does, the token says.
/// </summary>
public sealed class CallbackEndpoints(CallbackTokens tokens, Dispatcher dispatcher, LogWriter logs, Action<AttemptItem> post, Func<LiveAttempt, AskFrame, Task<ServerFrame>> asked, TimeProvider time)
{
    public const string Path = "/jobs/v1/_worker";

    public static string Of(string executor) => $"{Path}/{executor}";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Of("{executor}") + "/runs/{run}", Run).AllowAnonymous();
        endpoints.MapPost(Of("{executor}") + "/frames", Frames).AllowAnonymous();
    }

    async Task Run(HttpContext http, string run)
    {
        var (key, epoch) = Token(http);
        if (key.Run.ToString() != run || http.Request.Query["epoch"].ToString() is { Length: > 0 } asked && asked != epoch.ToString(CultureInfo.InvariantCulture))
            throw new ProblemException(Problem.NotFound("run", run));
        var attempt = dispatcher.Running(key, epoch) ?? throw new ProblemException(new(409, RefuseCodes.Superseded, Verdict.Superseded.Message!));
        using var writer = new FrameWriter(time, 0);
        writer.WriteOne(ServerFrame.Run(attempt));
        await Answer(http, writer);
    }

    async Task Frames(HttpContext http)
    {
        var (key, epoch) = Token(http);
        var body = await RequestBody.ReadBytes(http, FrameReader.MessageBytes);
        if (!System.Text.Unicode.Utf8.IsValid(body))
            throw new ProblemException(Problem.Invalid("", "must be valid UTF-8"));
        List<WorkerFrame> frames;
        try
        {
            frames = FrameReader.Read(body);
        }
        catch (ProtocolException exception)
        {
            throw new ProblemException(new(400, exception.Code, exception.Message));
        }

        var answers = new List<Task<ServerFrame>>();
        foreach (var frame in frames)
            switch (frame)
            {
                case LogFrame log when (log.Run, log.Epoch) == (key.Run, epoch):
                    if (dispatcher.Running(key, epoch) is { } attempt)
                        logs.Write(attempt, log.Lines);
                    break;
                case AttemptFrame named when (named.Run, named.Epoch) == (key.Run, epoch):
                    answers.Add(Take(named, key, epoch));
                    break;
                default:
                    throw new ProblemException(new(400, ProtocolException.InvalidFrame, "The token is for checkpoint, ask and log frames of its own attempt."));
            }

        using var writer = new FrameWriter(time, 0);
        writer.Begin();
        foreach (var answer in answers)
            writer.Write(await answer);
        writer.End();
        await Answer(http, writer);
    }

    Task<ServerFrame> Take(AttemptFrame frame, RunKey key, int epoch)
    {
        if (dispatcher.Running(key, epoch) is not { } attempt)
        {
            FencedWrites.Count(isNewerAttempt: false);
            return Task.FromResult(ServerFrame.Refuse(frame.Id, RefuseCodes.Superseded, Verdict.Superseded.Message));
        }

        if (frame is AskFrame ask)
            return asked(attempt, ask);
        if (frame is not CheckpointFrame checkpoint)
            return Task.FromResult(ServerFrame.Refuse(frame.Id, RefuseCodes.Invalid, frame is WrongFrame wrong ? wrong.Message : "t: an HTTP handler ends its attempt by its answer."));
        var done = new TaskCompletionSource<ServerFrame>(TaskCreationOptions.RunContinuationsAsynchronously);
        post(new CheckpointItem(key, epoch, checkpoint.Write, (item, failure) =>
        {
            if (failure is null && item.Verdict.Code == RefuseCodes.Superseded)
                dispatcher.Fenced(key, epoch);
            done.SetResult(AttemptFrames.AnswerTo(item, failure));
        })
        { FrameId = frame.Id });
        return done.Task;
    }

    (RunKey Run, int Epoch) Token(HttpContext http)
    {
        const string scheme = "Bearer ";
        var header = http.Request.Headers.Authorization.ToString();
        return (header.StartsWith(scheme, StringComparison.Ordinal) ? tokens.Read(header[scheme.Length..]) : null)
            ?? throw new ProblemException(new(401, "unauthorized", "The callback token is missing, wrong, or of an executor that has ended."));
    }

    static async Task Answer(HttpContext http, FrameWriter writer)
    {
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(writer.Written, http.RequestAborted);
    }
}
