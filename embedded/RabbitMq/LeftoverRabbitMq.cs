namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>
/// A RabbitMQ that outlived its host. It is known by its program and by its home, which is on its command line: a file with its number may be gone
/// with the folder, and the number may belong to anybody since.
/// </summary>
static class LeftoverRabbitMq
{
    // Its connections and stores are closed at once. What takes 3.10 up to 5 s more is nothing that a start should wait for.
    static readonly TimeSpan PatienceInOrder = TimeSpan.FromSeconds(3);
    static readonly TimeSpan PatienceAtOnce = TimeSpan.FromSeconds(10);

    /// <summary>Ends whatever runs on the folder, politely first. Only the owner of the lock may call it.</summary>
    public static async Task End(BrokerFolder folder, TimeProvider time, IProgress<string> progress, CancellationToken ct)
    {
        foreach (var (signal, patience) in ((int, TimeSpan)[])[(Posix.Terminate, PatienceInOrder), (Posix.Kill, PatienceAtOnce)])
        {
            var found = await Find(folder, ct);
            if (found.Count == 0) return;
            if (signal == Posix.Terminate) progress.Report($"ending RabbitMQ {string.Join(", ", found)}, which an earlier host left on {folder.Path}");
            foreach (var process in found) Posix.Signal(process, signal);
            if (await RunningProgram.Gone(() => Find(folder, ct), patience, time, ct)) return;
        }

        throw new BrokerUnavailable(
            $"RabbitMQ {string.Join(", ", await Find(folder, ct))} still runs on {folder.Path} and cannot be ended: end it, or restart the machine.");
    }

    static async Task<IReadOnlyList<int>> Find(BrokerFolder folder, CancellationToken ct) =>
        OperatingSystem.IsLinux()
            ? [.. RunningProgram.FindInProc("beam.smp").Where(process => IsHome(process.Arguments, folder.Path)).Select(process => process.Id)]
            : await RunningProgram.FindWithPs($" -home {folder.Path} ", ct);

    static bool IsHome(IReadOnlyList<string> arguments, string path) =>
        arguments.Zip(arguments.Skip(1)).Any(pair => pair.First == "-home" && pair.Second == path);
}
