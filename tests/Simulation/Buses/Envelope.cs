using System.Text.Json;
using ReactorJobs.Contracts;

namespace ReactorJobs.Tests.Simulation.Buses;

/// <summary>Reads a message as a consumer gets it: from its bytes, by the type that its envelope names.</summary>
public static class Envelope
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    static readonly Dictionary<string, Type> Types = new[]
    {
        typeof(ExecuteRun), typeof(CancelAttempt), typeof(AttemptFinished), typeof(AttemptSuspended), typeof(EventEmitted), typeof(StartRun),
    }.ToDictionary(type => $"urn:message:{type.Namespace}:{type.Name}");

    public static object Open(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        var type = Types[document.RootElement.GetProperty("messageType")[0].GetString()!];
        return document.RootElement.GetProperty("message").Deserialize(type, Web)!;
    }
}
