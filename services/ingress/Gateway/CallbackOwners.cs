using System.Collections.Concurrent;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Hosting.Http;
using Yarp.ReverseProxy.Model;

namespace ReactorJobs.Ingress.Gateway;

/// <summary>
/// Which executor a callback is for: its path names the start of the executor that runs the attempt, and every instance says with each check
/// which start it is. So a callback goes to a configured address or nowhere, whatever its path says.
/// </summary>
sealed class CallbackOwners(ServiceAnswers services)
{
    readonly ConcurrentDictionary<DestinationState, string> starts = new();
    readonly Lock gate = new();
    Task<bool> asking = Task.FromResult(true);

    public void Hear(ClusterState cluster, DestinationState instance, HttpResponseMessage ready)
    {
        if (cluster.ClusterId == GatewayTable.Executor && ready.Headers.TryGetValues(ProcessInstance.Header, out var values))
            starts[instance] = values.First();
    }

    /// <summary>
    /// The instance that is this start; any of them where all were asked and none is, which then refuses the token. Where one that was not heard
    /// may be it, the answer is to try again.
    /// </summary>
    public async ValueTask<IReadOnlyList<DestinationState>> Of(string start, ClusterState executors, CancellationToken stop)
    {
        if (Find(start) is { } known)
            return [known];
        var (round, isNew) = Ask(executors);
        var allAnswered = await round.WaitAsync(stop);
        // A round that was under way may have asked before the executor started.
        if (!isNew && Find(start) is null)
            allAnswered = await Ask(executors).Round.WaitAsync(stop);
        return Find(start) is { } found ? [found]
            : allAnswered ? executors.DestinationsState.AvailableDestinations
            : throw new ProblemException(Problem.Unavailable("The executor that runs the attempt does not answer."));
    }

    DestinationState? Find(string start) => starts.FirstOrDefault(x => x.Value == start).Key;

    /// <summary>
    /// Between its start and the first check an executor may run attempts already. However many ask, one round of questions is under way; it
    /// gives whether all have answered.
    /// </summary>
    (Task<bool> Round, bool IsNew) Ask(ClusterState executors)
    {
        lock (gate)
        {
            var isNew = asking.IsCompleted;
            return (isNew ? asking = Round() : asking, isNew);
        }

        async Task<bool> Round()
        {
            var answers = await Task.WhenAll(executors.Destinations.Values.Select(async instance =>
            {
                using var response = await services.Ask(executors, instance, HealthEndpoints.ReadyPath);
                if (response is not null)
                    Hear(executors, instance, response);
                return response is not null;
            }));
            return answers.All(x => x);
        }
    }
}
