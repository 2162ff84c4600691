namespace ReactorJobs.Hosting.Configuration;

[SettingsSection("suite", "Where the parts of a suite of several processes are. `reactor dev` needs none of it.")]
public sealed record SuiteSettings
{
    [Setting("name", "What this process is called: unique among the instances of its service, and the same after a restart.", Absent = "the machine's name")]
    public string? Name { get; init; }

    [Setting("listen", "Where this process listens.", Form = SettingForm.WebAddress)]
    public string Listen { get; init; } = "http://0.0.0.0:8000";

    [Setting("address", "Where the others reach this process.", Form = SettingForm.WebAddress, Absent = "`listen`, with the machine's name")]
    public string? Address { get; init; }

    [Setting("data", "The folder of what an executor keeps beside the database: unpacked functions, which it can fetch again.")]
    public string Data { get; init; } = ".reactor";

    [Setting("database", "PostgreSQL, as a connection string of Npgsql for a user that may create roles and databases. Several hosts, separated by commas, are a primary and its standbys: the one that takes writes is found, also when it is another one later.", Hidden = true, Absent = "none; needed")]
    public string? Database { get; init; }

    [Setting("database_password", "The password that the services' own roles get.", Hidden = true, Absent = "none; for servers that trust the connection")]
    public string? DatabasePassword { get; init; }

    [Setting("rabbitmq", "RabbitMQ: `amqp://user:password@host:5672/vhost`.", Hidden = true, Absent = "none; needed")]
    public string? RabbitMq { get; init; }

    [Setting("secret", "What the services know each other by.", Hidden = true, Absent = "none; needed")]
    public string? Secret { get; init; }

    [Setting("ingress", "The addresses of the ingress' instances.", Form = SettingForm.WebAddress, Absent = "none; needed")]
    public IReadOnlyList<string> Ingress { get; init; } = [];

    [Setting("scheduler", "The addresses of the scheduler's instances.", Form = SettingForm.WebAddress, Absent = "none; needed")]
    public IReadOnlyList<string> Scheduler { get; init; } = [];

    [Setting("executor", "The addresses of the executor's instances.", Form = SettingForm.WebAddress, Absent = "none; needed")]
    public IReadOnlyList<string> Executor { get; init; } = [];

    [Setting("events", "The addresses of the events service's instances.", Form = SettingForm.WebAddress, Absent = "none; needed")]
    public IReadOnlyList<string> Events { get; init; } = [];

    [Setting("drain_seconds", "How long a process that is told to stop goes on serving, until the ingress has noticed.", Unit = "s", Least = 0, Most = 600)]
    public int DrainSeconds { get; init; } = 2;
}
