using System.Net.Sockets;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Executor.Runtime;

/// <summary>The life of the process: start, connection, frames, end.</summary>
sealed partial class FunctionProcess
{
    /// <summary>Runs to the end of the process; the work that is left in it is the caller's.</summary>
    /// <exception cref="FunctionFailure">It could not be started at all.</exception>
    public async Task<(ProcessEnd End, IReadOnlyList<FunctionWork> Left)> Run()
    {
        try
        {
            var exit = await Serve();
            return (new(served, expected, killed, exit, output.LastError, around.Options.MemoryMb), TakeLeft());
        }
        catch
        {
            draining = true;
            throw;
        }
        finally
        {
            line?.Dispose();
            ending?.Dispose();
            over.Dispose();
        }
    }

    /// <summary>What was given to it and is not done.</summary>
    public IReadOnlyList<FunctionWork> TakeLeft()
    {
        lock (gate)
        {
            draining = true;
            foreach (var timer in overdue.Values)
                timer.Dispose();
            overdue.Clear();
            IReadOnlyList<FunctionWork> left = [.. attempts.Values, .. requests.Values];
            attempts.Clear();
            requests.Clear();
            return left;
        }
    }

    async Task<SandboxExit> Serve()
    {
        (process, line, folder) = await around.Runners.Start(version);
        if (over.IsCancellationRequested)
            process.Kill(); // it was told to end before there was one
        var reading = Task.WhenAll(output.Read(process.Output, isError: false), output.Read(process.Error, isError: true));
        var exited = process.Exited;
        await using (around.Time.CreateTimer(_ => EndUnready(), null, StartPatience, Timeout.InfiniteTimeSpan))
        {
            _ = exited.ContinueWith(_ => CancelQuietly(), TaskScheduler.Default);
            await Talk();
        }

        // Without its line a process can do nothing any more.
        await Task.WhenAny(exited, Task.Delay(AbortPatience, around.Time));
        if (!exited.IsCompleted)
            process.Kill();
        var exit = await exited;
        await Task.WhenAny(reading, Task.Delay(AbortPatience, around.Time));
        return exit;
    }

    void CancelQuietly()
    {
        try
        {
            over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Everything is over already.
        }
    }

    void EndUnready()
    {
        lock (gate)
        {
            if (served)
                return;
            killed ??= $"it was not ready within {StartPatience.TotalSeconds:0} s";
        }

        Kill();
    }

    async Task Talk()
    {
        try
        {
            await line!.Accept(over.Token);
            _ = line.Write();
            while (await line.Receive() is { } message)
            {
                foreach (var frame in FrameReader.Read(message.Span))
                    Take(frame);
                await frames.HasRoom();
            }
        }
        catch (ProtocolException exception)
        {
            lock (gate)
                killed ??= $"it broke the protocol: {exception.Message}";
            Kill();
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The process is gone, and its exit says more.
        }
    }

    void Take(WorkerFrame frame)
    {
        if (frames.Handle(frame, version.OrgId))
            return;
        switch (frame)
        {
            case HelloFrame hello when !served:
                Welcome(hello);
                break;
            case StoppedFrame stopped:
                Settled((new RunKey(version.OrgId, stopped.Run), stopped.Epoch));
                break;
            case AnswerFrame answer:
                Answered(answer);
                break;
            case DrainFrame:
                Drain();
                break;
            case PingFrame:
                line!.Send(new(ServerFrameKind.Pong));
                break;
            case PongFrame:
                lock (gate)
                    pongs = pings;
                break;
            default:
                throw new ProtocolException(ProtocolException.InvalidFrame, "t: hello comes once, as the first frame.");
        }
    }

    void Welcome(HelloFrame hello)
    {
        lock (gate)
        {
            served = true;
            line!.Send(RunnerFrames.Welcome(hello.Name, version.Name, folder!, version.Entry, version.Env));
            var waiting = early!;
            early = null;
            foreach (var work in waiting)
                Send(work);
        }

        _ = around.Runners.KeepAhead(version.Runtime);
    }

    void Answered(AnswerFrame answer)
    {
        RequestWork? request;
        lock (gate)
            requests.TryGetValue(answer.Id, out request);
        if (request is null)
        {
            Settled(answer.Id);
            return;
        }

        if (answer.Error is { } error)
            request.Fail(error);
        else
            request.Complete(answer.Status, answer.Headers, answer.Body);
        pool.Worked();
        Done(() => requests.Remove(answer.Id));
    }
}
