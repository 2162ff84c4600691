namespace ReactorJobs.Executor.Runtime;

/// <summary>
/// Uids that nobody else has, one for each process in a sandbox: the kernel counts processes by uid, and lets those of one uid at each other.
/// Another executor on the machine takes others, by its process id.
/// </summary>
static class OwnUids
{
    // Far from the uids of people, services and the name spaces of container engines.
    const int First = 1_700_000_000;
    const int Executors = 100_000;
    const int PerExecutor = 4000;

    static readonly Lock Gate = new();
    static readonly HashSet<int> Taken = [];
    static int next;

    public static int Take()
    {
        lock (Gate)
        {
            if (Taken.Count == PerExecutor)
                throw new InvalidOperationException($"There are {PerExecutor} sandboxed processes already.");
            while (!Taken.Add(next = (next + 1) % PerExecutor))
            {
            }

            return First + (Environment.ProcessId % Executors * PerExecutor) + next;
        }
    }

    public static void Return(int uid)
    {
        lock (Gate)
            Taken.Remove((uid - First) % PerExecutor);
    }
}
