using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>
/// Where the private RabbitMQ is reached and as whom, all on loopback. Chosen at the first start and kept beside the server's folder: the folder may
/// be lost, and whoever is connected finds the next server by the same address.
/// </summary>
sealed partial record BrokerAddress(string User, string Password, string VirtualHost, BrokerPorts Ports)
{
    public const string FileName = "rabbitmq.json";

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    [JsonIgnore]
    public Uri Amqp => new($"amqp://{User}:{Password}@127.0.0.1:{Ports.Amqp}/{VirtualHost}");

    [JsonIgnore]
    public Uri Management => new($"http://127.0.0.1:{Ports.Management}");

    /// <summary>The kept address, or a new one. A port that another program has taken meanwhile is replaced.</summary>
    /// <exception cref="BrokerUnavailable">The file holds something else, or no port is free.</exception>
    public static async Task<BrokerAddress> Ensure(string dataFolder, IProgress<string> progress)
    {
        var path = Path.Combine(dataFolder, FileName);
        var known = await Read(path);
        var address = known ?? new("reactor", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)), "reactor", new(0, 0, 0, 0));
        var ports = address.Ports.Usable(LoopbackPorts.First(dataFolder), LoopbackPorts.IsFree)
            ?? throw new BrokerUnavailable("No port between 20000 and 31999 is free on 127.0.0.1: end what listens there.");
        if (ports == known?.Ports) return known;

        if (known is not null) progress.Report($"RabbitMQ's ports {known.Ports} are partly taken by other programs; it uses {ports} from now on");
        address = address with { Ports = ports };
        await PrivateFile.Write(path, JsonSerializer.Serialize(address, Json));
        return address;
    }

    /// <summary>Refuses when a port is taken: who is connected would look for the server there in vain.</summary>
    public BrokerAddress StillFree() =>
        Ports.All.Cast<int?>().FirstOrDefault(port => !LoopbackPorts.IsFree(port!.Value)) is { } taken
            ? throw new BrokerUnavailable($"Port {taken}, at which RabbitMQ was, is taken by another program: end that one.")
            : this;

    static async Task<BrokerAddress?> Read(string path)
    {
        if (await PrivateFile.Read(path) is not { } text) return null;
        try
        {
            if (JsonSerializer.Deserialize<BrokerAddress>(text, Json) is { } address && address.IsSound()) return address;
        }
        catch (JsonException)
        {
            // Told below, without the text: it has a password in it.
        }

        throw new BrokerUnavailable($"{path} is damaged: remove it to have new ports and a new password chosen.");
    }

    // All of them get into a URI, a configuration and JSON: nothing that needs escaping in any of them.
    bool IsSound() => ((string?[])[User, Password, VirtualHost]).All(part => part is not null && Plain().IsMatch(part)) && Ports is { AreSound: true };

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,100}\z")]
    private static partial Regex Plain();
}

/// <summary>The ports of one RabbitMQ.</summary>
/// <param name="Distribution">Of Erlang's own protocol, by which nodes of a cluster speak.</param>
sealed record BrokerPorts(int Amqp, int Management, int Prometheus, int Distribution)
{
    [JsonIgnore]
    public IReadOnlyList<int> All => [Amqp, Management, Prometheus, Distribution];

    [JsonIgnore]
    public bool AreSound => All.All(port => port is > 0 and <= IPEndPoint.MaxPort) && All.Distinct().Count() == All.Count;

    /// <summary>These ports, each that is 0 or not free replaced by the next free one from <paramref name="first"/> on; null if there are too few.</summary>
    public BrokerPorts? Usable(int first, Func<int, bool> isFree)
    {
        var kept = All.Where(port => port != 0 && isFree(port)).ToHashSet();
        using var others = LoopbackPorts.From(first).Where(port => !kept.Contains(port) && isFree(port)).GetEnumerator();
        var usable = new List<int>();
        foreach (var port in All)
        {
            if (kept.Contains(port)) usable.Add(port);
            else if (others.MoveNext()) usable.Add(others.Current);
            else return null;
        }

        return new(usable[0], usable[1], usable[2], usable[3]);
    }

    public override string ToString() => string.Join(", ", All);
}
