using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace ReactorJobs.Ingress.Gateway;

/// <summary>What an instance did when it was asked whether it is ready.</summary>
enum ReadyAnswer
{
    Ready,

    /// <summary>It drains, or it cannot serve.</summary>
    Refused,

    /// <summary>Nobody listens.</summary>
    Gone,

    /// <summary>It took longer than it may.</summary>
    Silent,
}

/// <summary>
/// Who gets requests: whoever said last that it is ready. Silence takes an instance out only while another one answers: on a machine that is
/// too busy all are silent, and to take all out would make an outage of a slow moment.
/// </summary>
sealed partial class InstanceHealth(IDestinationHealthUpdater updater, CallbackOwners owners, ILogger<InstanceHealth> logger) : IActiveHealthCheckPolicy
{
    public const string PolicyName = "LastAnswer";

    public string Name => PolicyName;

    public void ProbingCompleted(ClusterState cluster, IReadOnlyList<DestinationProbingResult> probingResults)
    {
        foreach (var result in probingResults)
            if (result.Response is { } response)
                owners.Hear(cluster, result.Destination, response);
        ReadyAnswer[] answers = [.. probingResults.Select(AnswerOf)];
        var serving = Judge(answers);
        for (var i = 0; i < answers.Length; i++)
            Tell(cluster, probingResults[i].Destination, serving[i], answers[i]);
        updater.SetActive(cluster, probingResults.Select((x, i) =>
            new NewActiveDestinationHealth(x.Destination, serving[i] ? DestinationHealth.Healthy : DestinationHealth.Unhealthy)));
    }

    void Tell(ClusterState cluster, DestinationState instance, bool serves, ReadyAnswer answer)
    {
        var address = instance.Model.Config.Address;
        if (!serves && instance.Health.Active != DestinationHealth.Unhealthy)
            TakenOut(cluster.ClusterId, address, answer);
        else if (serves && instance.Health.Active == DestinationHealth.Unhealthy)
            TakenBack(cluster.ClusterId, address);
    }

    /// <summary>Whether each of the instances gets requests.</summary>
    public static IReadOnlyList<bool> Judge(IReadOnlyList<ReadyAnswer> answers) =>
        [.. answers.Select(x => x == ReadyAnswer.Ready || (x == ReadyAnswer.Silent && !answers.Contains(ReadyAnswer.Ready)))];

    static ReadyAnswer AnswerOf(DestinationProbingResult result) => result switch
    {
        { Response.IsSuccessStatusCode: true } => ReadyAnswer.Ready,
        { Response: not null } => ReadyAnswer.Refused,
        { Exception: OperationCanceledException or TimeoutException } => ReadyAnswer.Silent,
        _ => ReadyAnswer.Gone,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Service} at {Address} gets no requests: {Answer}")]
    partial void TakenOut(string service, string address, ReadyAnswer answer);

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Service} at {Address} gets requests again")]
    partial void TakenBack(string service, string address);
}
