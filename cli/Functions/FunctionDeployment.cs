using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Functions;

/// <summary>The steps that bring a function to the suite, each told as it is done.</summary>
sealed class FunctionDeployment(Session session)
{
    /// <summary>The function as the suite has it, with its versions; none where there is no such function.</summary>
    public async Task<ApiAnswer?> Find(string name, CancellationToken ct)
    {
        try
        {
            return await session.Api.Get(ApiPath.Function(name), ct);
        }
        catch (ApiRefusal refusal) when (refusal.Code == "function_not_found")
        {
            return null;
        }
    }

    /// <summary>Makes a version of the folder; the newest one where it is the same. A function that is not there is made.</summary>
    public async Task<ApiAnswer> Upload(FunctionSource source, bool isNew, CancellationToken ct)
    {
        if (isNew)
        {
            await session.Api.Post(ApiPath.Functions, new JsonObject { ["name"] = source.Name, ["runtime"] = source.Runtime }, ct);
            session.Printer.Say($"{source.Name}: created, runs on {source.Runtime}");
        }
        session.Printer.Say($"{source.Name}: uploading {source.Size}");
        var since = session.Clock.GetTimestamp();
        var progress = new UploadProgress(session.Terminal, source.Name, source.Bundle.Bytes.Length);
        try
        {
            var answer = await session.Api.Upload(ApiPath.Deployments(source.Name), source.Bundle.Bytes, progress.Sent, ct);
            progress.End();
            var took = Durations.Format(session.Clock.GetElapsedTime(since));
            var (version, entry, size) = (answer.Json.Text("version"), answer.Json.Text("entry"), Sizes.Format(answer.Json.Number("bytes") ?? 0));
            session.Printer.Say(answer.Status == 201
                ? $"{source.Name}: built {entry} in {took}: version {version}, {size}"
                : $"{source.Name}: unchanged, it is version {version}");
            return answer;
        }
        catch (ApiRefusal refusal) when (refusal.Fields.Count > 0)
        {
            throw source.Refused(refusal);
        }
        finally
        {
            progress.End();
        }
    }

    public async Task<ApiAnswer> Promote(string name, int? version, CancellationToken ct)
    {
        var body = new JsonObject();
        if (version is { } number) body["version"] = number;
        return await session.Api.Post(ApiPath.Promote(name), body, ct);
    }
}

/// <summary>A percentage that stays in its line: on a terminal, and for uploads that one may wait for.</summary>
sealed class UploadProgress(Terminal terminal, string name, int bytes)
{
    const int WorthTelling = 512 << 10;

    readonly bool shows = terminal.ErrorIsTerminal && bytes >= WorthTelling;
    int told = -1;

    public void Sent(int sent)
    {
        var percent = (int)(100L * sent / bytes);
        if (!shows || percent == told) return;
        told = percent;
        terminal.Error.Write($"\r{name}: {(percent < 100 ? $"{percent} %" : "building… ")}");
    }

    public void End()
    {
        if (told >= 0) terminal.Error.Write("\r\e[K");
        told = -1;
    }
}
