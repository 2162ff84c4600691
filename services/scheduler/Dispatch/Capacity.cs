using ReactorJobs.Contracts;

namespace ReactorJobs.Scheduler.Dispatch;

/// <summary>
/// What the executors have said they can run, and how much of it is in flight. Twice the advertised slots are used, so that an executor has
/// the next run at hand when one ends (semantics 4); several schedulers share that evenly. Touched by the group loop, by advertisements and by
/// what other schedulers tell, under one lock.
/// </summary>
public sealed class Capacity
{
    readonly Lock gate = new();
    readonly Dictionary<Guid, Instance> instances = [];
    readonly Dictionary<(string Org, string Handler), List<Pool>> serving = [];
    readonly Dictionary<(string Org, RunId Run), Place> held = [];
    readonly Dictionary<string, int> shares = [];
    int schedulers = 1;

    /// <summary>How many schedulers send runs to the same executors, this one included.</summary>
    public int Schedulers
    {
        get => Volatile.Read(ref schedulers);
        set => Volatile.Write(ref schedulers, value);
    }

    /// <summary>Takes an advertisement that came at a timestamp; true when there is more room than before.</summary>
    public bool Advertise(ExecutorAdvertised advertised, long now, out bool isNew)
    {
        lock (gate)
        {
            isNew = !instances.TryGetValue(advertised.Instance, out var instance);
            instance ??= instances[advertised.Instance] = new(advertised.Instance);
            instance.HeardAt = now;
            instance.UptimeMs = Math.Max(instance.UptimeMs, advertised.UptimeMs);
            var pools = advertised.Stopping ? [] : advertised.Pools.Where(x => x.Slots > 0).ToDictionary(PoolKey);
            var grown = false;
            foreach (var (key, pool) in instance.Pools)
                if (!pools.ContainsKey(key))
                    pool.Slots = 0;
            foreach (var (key, offered) in pools)
            {
                if (!instance.Pools.TryGetValue(key, out var pool))
                {
                    instance.Pools[key] = pool = new(instance, offered.OrgId == SlotPool.AnyOrg);
                    foreach (var handler in offered.Handlers)
                        Serving(offered.OrgId, handler).Add(pool);
                }

                grown |= offered.Slots > pool.Slots;
                pool.Slots = offered.Slots;
            }

            return grown;
        }
    }

    /// <summary>Forgets an executor that is gone.</summary>
    public void Remove(Guid instance)
    {
        lock (gate)
        {
            if (!instances.Remove(instance, out var gone))
                return;
            foreach (var pools in serving.Values)
                pools.RemoveAll(pool => pool.Executor == gone);
            foreach (var ((org, run), _) in held.Where(x => x.Value.Pool.Executor == gone).ToArray())
                Free(org, run);
        }
    }

    /// <summary>By timestamps, which no change of the machine's clock moves.</summary>
    public IReadOnlyList<Guid> SilentSince(long timestamp)
    {
        lock (gate)
            return [.. instances.Values.Where(x => x.HeardAt < timestamp).Select(x => x.Id)];
    }

    public bool IsAlive(Guid instance)
    {
        lock (gate)
            return instances.ContainsKey(instance);
    }

    /// <summary>Whether anyone serves the handler at all: why a pending run pends.</summary>
    public bool IsServed(string orgId, string handler)
    {
        lock (gate)
            return Pools(orgId, handler).Any(pool => pool.Slots > 0);
    }

    public int Free(string orgId, string handler)
    {
        lock (gate)
            return Pools(orgId, handler).Sum(Room);
    }

    /// <summary>The same for handlers whose runs take places from each other, because the same worker serves them.</summary>
    public object? Line(string orgId, string handler)
    {
        lock (gate)
            return Pools(orgId, handler).Find(pool => pool.Slots > 0);
    }

    /// <summary>How many places the org holds among those that it shares with others; 0 where the handler's slots are its own.</summary>
    public int Share(string orgId, string handler)
    {
        lock (gate)
            return IsUrl(handler) ? shares.GetValueOrDefault(orgId) : 0;
    }

    /// <summary>Takes a place on the executor that has the most room for its size; null when all are full.</summary>
    public (Guid Executor, long AsOf)? Take(string orgId, string handler, RunId run, int epoch, long now)
    {
        lock (gate)
        {
            Pool? best = null;
            foreach (var pool in Pools(orgId, handler))
                if (Room(pool) > 0 && (best is null || (long)pool.InFlight * best.Slots < (long)best.InFlight * pool.Slots))
                    best = pool;
            if (best is null)
                return null;
            Free(orgId, run);
            Hold(orgId, run, new(best, epoch, now));
            return (best.Executor.Id, best.Executor.UptimeMs);
        }
    }

    /// <summary>Counts a run that this process did not dispatch itself, such as one from before its start.</summary>
    public void Hold(Guid executor, string orgId, string handler, RunId run, int epoch, long now)
    {
        lock (gate)
            if (!held.ContainsKey((orgId, run)) && Pools(orgId, handler).FirstOrDefault(x => x.Executor.Id == executor) is { } pool)
                Hold(orgId, run, new(pool, epoch, now));
    }

    public void Release(string orgId, RunId run)
    {
        lock (gate)
            Free(orgId, run);
    }

    /// <summary>Gives a run's place to others before its end is committed; to be given to <see cref="Restore"/> when it could not be. Null without a place.</summary>
    public Vacated? Vacate(string orgId, RunId run)
    {
        lock (gate)
        {
            if (!held.TryGetValue((orgId, run), out var place))
                return null;
            Free(orgId, run);
            return new(orgId, run, place);
        }
    }

    /// <summary>The run holds its place as before. Who has taken it meanwhile keeps it, too: that is undone by its own group.</summary>
    public void Restore(Vacated vacated)
    {
        lock (gate)
            if (!held.ContainsKey((vacated.OrgId, vacated.Run)) && instances.ContainsKey(vacated.Place.Pool.Executor.Id))
                Hold(vacated.OrgId, vacated.Run, vacated.Place);
    }

    /// <summary>Gives back the places of attempts that another scheduler has ended; a newer attempt of the run keeps its own.</summary>
    public void Release(IEnumerable<RunEpoch> ended)
    {
        lock (gate)
            foreach (var attempt in ended)
                if (held.TryGetValue((attempt.OrgId, attempt.RunId), out var place) && place.Epoch <= attempt.Epoch)
                    Free(attempt.OrgId, attempt.RunId);
    }

    /// <summary>
    /// Gives back the places taken before a timestamp whose runs do not run: their end was committed, and this process was not told.
    /// </summary>
    public void ReleaseOthers(IReadOnlySet<(string Org, RunId Run)> running, long takenBefore)
    {
        lock (gate)
            foreach (var (key, _) in held.Where(x => x.Value.Since < takenBefore && !running.Contains(x.Key)).ToArray())
                Free(key.Org, key.Run);
    }

    void Hold(string orgId, RunId run, Place place)
    {
        held[(orgId, run)] = place;
        place.Pool.InFlight++;
        if (place.Pool.IsShared)
            shares[orgId] = shares.GetValueOrDefault(orgId) + 1;
    }

    void Free(string orgId, RunId run)
    {
        if (!held.Remove((orgId, run), out var place))
            return;
        place.Pool.InFlight--;
        if (place.Pool.IsShared && --shares[orgId] == 0)
            shares.Remove(orgId);
    }

    List<Pool> Pools(string orgId, string handler) =>
        IsUrl(handler) ? Serving(SlotPool.AnyOrg, SlotPool.HttpHandlers) : serving.GetValueOrDefault((orgId, handler)) ?? None;

    List<Pool> Serving(string orgId, string handler)
    {
        if (!serving.TryGetValue((orgId, handler), out var pools))
            serving[(orgId, handler)] = pools = [];
        return pools;
    }

    static readonly List<Pool> None = [];

    public static bool IsUrl(string handler) =>
        handler.StartsWith("http://", StringComparison.Ordinal) || handler.StartsWith("https://", StringComparison.Ordinal);

    static string PoolKey(SlotPool pool) => pool.OrgId + "\n" + string.Join('\n', pool.Handlers.Order(StringComparer.Ordinal));

    int Room(Pool pool) => Math.Max(0, ((2 * pool.Slots) + Schedulers - 1) / Schedulers - pool.InFlight);

    public sealed record Vacated
    {
        internal Vacated(string orgId, RunId run, Place place) => (OrgId, Run, Place) = (orgId, run, place);

        internal string OrgId { get; }
        internal RunId Run { get; }
        internal Place Place { get; }
    }

    internal readonly record struct Place(Pool Pool, int Epoch, long Since);

    internal sealed class Instance(Guid id)
    {
        public Guid Id => id;
        public long HeardAt { get; set; }
        public long UptimeMs { get; set; }
        public Dictionary<string, Pool> Pools { get; } = [];
    }

    internal sealed class Pool(Instance executor, bool isShared)
    {
        public Instance Executor => executor;
        public bool IsShared => isShared;
        public int Slots { get; set; }
        public int InFlight { get; set; }
    }
}
