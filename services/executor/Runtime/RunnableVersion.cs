using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Executor.Runtime;

/// <summary>One version of a function, on disk and ready to run.</summary>
/// <param name="Runtime"><c>bun</c> or <c>node</c>.</param>
/// <param name="Folder">Read-only to the function, which finds it at <c>/srv/function</c>.</param>
/// <param name="Entry">The module to import, relative to the folder.</param>
/// <param name="Network">Whether it may open connections.</param>
/// <param name="Env">Its environment variables, with secrets in clear text.</param>
public sealed record RunnableVersion(
    string OrgId, string Name, int Version, string Runtime, string Folder, string Entry, bool Network, IReadOnlyDictionary<string, string> Env)
{
    internal FunctionKey Key => new(OrgId, Name, Version);
}

readonly record struct FunctionKey(string OrgId, string Name, int Version);

/// <summary>A plain request to a function, without a run.</summary>
/// <param name="Path">With the query, as in <c>/hello?x=1</c>.</param>
public sealed record FunctionRequest(string Method, string Path, IReadOnlyList<(string Name, string Value)> Headers, ReadOnlyMemory<byte> Body);

/// <summary>What a function answered to a plain request.</summary>
/// <param name="ColdStart">A process was started for it.</param>
public sealed record FunctionAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body, bool ColdStart);

/// <summary>Why a function could not do its work, in words for whoever runs it.</summary>
public sealed class FunctionFailure(RunError error, bool fatal = false) : Exception(error.Message)
{
    public RunError Error => error;
    public bool Fatal => fatal;

    internal Ending Ending => new(AttemptOutcomes.Failed, Error: error, Fatal: fatal);
}
