using System.Text.Json;

namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>What the private RabbitMQ is told: by files in its folder, and by its environment.</summary>
static class BrokerSettings
{
    public const string NodeName = "reactor@localhost";
    public const string DefinitionsFile = "definitions.json";

    public const string EnabledPlugins = "[rabbitmq_management,rabbitmq_prometheus].\n";

    /// <summary>Everything listens on loopback alone, and nothing short of a full disk or memory stops publishers.</summary>
    public static string Configuration(BrokerPorts ports) => $"""
        listeners.tcp.local = 127.0.0.1:{ports.Amqp}
        management.tcp.ip = 127.0.0.1
        management.tcp.port = {ports.Management}
        prometheus.tcp.ip = 127.0.0.1
        prometheus.tcp.port = {ports.Prometheus}

        # Found from the working folder, as a path's own characters could mean something here.
        load_definitions = {DefinitionsFile}

        log.console = false
        log.file.rotation.size = 10485760
        log.file.rotation.count = 1

        disk_free_limit.absolute = 50MB
        vm_memory_high_watermark.relative = 0.8
        # What quorum queues write ahead, kept in memory too until it is full: 512 MB by default.
        raft.wal_max_size_bytes = 67108864

        """;

    /// <summary>
    /// Read at each start before anybody can connect: a lost folder gets its user and virtual host back, and a kept one the password that holds. With
    /// definitions there is no default user.
    /// </summary>
    public static string Definitions(BrokerAddress address) => JsonSerializer.Serialize(new
    {
        users = new[] { new { name = address.User, password = address.Password, tags = new[] { "administrator" } } },
        vhosts = new[] { new { name = address.VirtualHost } },
        permissions = new[] { new { user = address.User, vhost = address.VirtualHost, configure = ".*", write = ".*", read = ".*" } },
    });

    /// <summary>The whole environment: what the caller's says about RabbitMQ and Erlang is about other servers.</summary>
    public static IReadOnlyDictionary<string, string> Environment(BrokerFolder folder, BrokerPorts ports, string path) => new Dictionary<string, string>
    {
        ["PATH"] = path,
        // Names of files are UTF-8.
        ["LC_ALL"] = "C.UTF-8",
        ["HOME"] = folder.Path,
        ["RABBITMQ_NODENAME"] = NodeName,
        ["RABBITMQ_CONFIG_FILE"] = folder.Configuration,
        // The system's server has settings under the default names of these.
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = folder.AdvancedConfiguration,
        ["RABBITMQ_CONFIG_FILES"] = Path.Combine(folder.Path, "conf.d"),
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = folder.EnabledPlugins,
        ["RABBITMQ_MNESIA_BASE"] = folder.Mnesia,
        ["RABBITMQ_LOG_BASE"] = Path.GetDirectoryName(folder.LogFile)!,
        ["RABBITMQ_LOGS"] = folder.LogFile,
        ["RABBITMQ_DIST_PORT"] = $"{ports.Distribution}",
        // The script replaces itself by the server instead of waiting for it, so that the process that is started is the server.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
        // Ctrl-C is not for it; and pinned to cores it would get in the way of its neighbours, which are not.
        ["RABBITMQ_SERVER_START_ARGS"] = "+B i",
        ["RABBITMQ_SCHEDULER_BIND_TYPE"] = "u",
        // A node that has its name from the command line needs no epmd. RabbitMQ looks after epmd each minute all the same, by a short-lived Erlang:
        // that one has these flags too, starts none and finds the port taken. Port 1 refuses who asks for the epmd of other nodes.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = $"-sname {NodeName}",
        ["ERL_AFLAGS"] = $"-start_epmd false -erl_epmd_port {ports.Distribution} -kernel inet_dist_use_interface {{127,0,0,1}}",
        ["ERL_EPMD_PORT"] = "1",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["ERL_CRASH_DUMP_SECONDS"] = "0",
    };
}
