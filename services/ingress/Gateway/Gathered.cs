using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Ingress.Gateway;

/// <summary>
/// Something that is gathered from all services and holds for a while. One gathering serves all who ask meanwhile; while a service is away, what
/// was gathered last still holds.
/// </summary>
/// <param name="gather">Null when a part is missing.</param>
sealed class Gathered<T>(Func<Task<T?>> gather, TimeSpan holds, TimeProvider time) where T : class
{
    readonly Lock gate = new();
    T? latest;
    long gatheredAt;
    Task<T?> gathering = Task.FromResult<T?>(null);

    public async Task<T> Get(CancellationToken stop)
    {
        Task<T?> task;
        lock (gate)
        {
            if (latest is not null && time.GetElapsedTime(gatheredAt) < holds)
                return latest;
            if (gathering.IsCompleted)
                gathering = Gather();
            task = gathering;
        }

        return await task.WaitAsync(stop) ?? latest ?? throw new ProblemException(Problem.Unavailable("Not all services say now what they serve."));
    }

    async Task<T?> Gather()
    {
        var found = await gather();
        lock (gate)
            if (found is not null)
                (latest, gatheredAt) = (found, time.GetTimestamp());
        return found;
    }
}
