namespace ReactorJobs.Executor.Workers;

public static class WorkerProtocol
{
    public const int Version = 1;

    public static ProtocolException Unsupported(long spoken) => new(ProtocolException.Unsupported,
        $"The worker speaks protocol {spoken} and this server speaks {Version}: upgrade the {(spoken < Version ? "worker's SDK" : "server")}.");
}
