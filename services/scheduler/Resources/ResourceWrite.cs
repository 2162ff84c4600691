using System.Security.Cryptography;
using System.Text;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>One resource as it is to be from now on.</summary>
/// <param name="Pointer">Where in the request it stands.</param>
public abstract record ResourceWrite(ResourceUri Uri, string Pointer);

public sealed record ComponentWrite(ResourceUri Uri, string Pointer, ComponentSpec Spec) : ResourceWrite(Uri, Pointer)
{
    public string FunctionName => Spec.FunctionName ?? Uri.Id;

    public string? CodeSha256 => Spec.Code is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Spec.Code)));
}

/// <param name="ComponentId">A component; a handler where there is none of that id.</param>
public sealed record DefinitionWrite(ResourceUri Uri, string Pointer, string ComponentId) : ResourceWrite(Uri, Pointer);

/// <summary>What became of a resource that was written.</summary>
public enum WriteOutcome
{
    Created,
    Changed,
    Unchanged,
}
