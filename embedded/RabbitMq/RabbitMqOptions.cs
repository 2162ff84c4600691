namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>How a suite on one machine runs its private RabbitMQ.</summary>
/// <param name="Data">The suite's data folder, made with mode 700 when missing. The server's own files are in its subfolder <c>rabbitmq</c>, which
/// may be deleted as a whole while the server is down; the log is <c>logs/rabbitmq.log</c>; ports and password are in <c>rabbitmq.json</c>, and
/// <c>rabbitmq-host.lock</c> is held by the host that owns the server.</param>
/// <param name="BinFolder">The folder with <c>rabbitmq-server</c>; null looks for it on the PATH and in the system's usual folders.</param>
public sealed record RabbitMqOptions(string Data, string? BinFolder = null)
{
    /// <summary>What messages call <see cref="BinFolder"/>.</summary>
    public const string BinFolderSetting = "RabbitMq:BinFolder";
}

/// <summary>The private RabbitMQ cannot run. The message is one line: what is wrong, and what to do about it.</summary>
public sealed class BrokerUnavailable : Exception
{
    public BrokerUnavailable(string message) : base(message)
    {
    }

    public BrokerUnavailable(string message, Exception cause) : base(message, cause)
    {
    }
}
