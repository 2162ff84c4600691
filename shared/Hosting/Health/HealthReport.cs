using System.Text.Json.Serialization;

namespace ReactorJobs.Hosting.Health;

/// <summary>The answer of <c>/health</c>, and of <c>/internal/health</c> for the one process.</summary>
/// <param name="Details">Of capabilities that have more to say; left out when none has.</param>
public sealed record HealthReport(string Status, IReadOnlyDictionary<string, string> Capabilities,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, object>? Details = null)
{
    public const string Degraded = "degraded";

    [JsonIgnore]
    public bool CanServe => Status != HealthContribution.Unavailable;

    /// <summary>
    /// Without the database there are no jobs, whatever a module says. Any other capability that fails leaves the host in service: taking it
    /// out would take the working ones away too.
    /// </summary>
    public static HealthReport Of(bool databaseAnswers, IEnumerable<(string Capability, string Word)> words)
    {
        var capabilities = new SortedDictionary<string, string>(StringComparer.Ordinal) { [HealthContribution.Jobs] = HealthContribution.Ok };
        foreach (var (capability, word) in words)
            if (capabilities.GetValueOrDefault(capability, HealthContribution.Ok) == HealthContribution.Ok)
                capabilities[capability] = word;
        if (!databaseAnswers)
            capabilities[HealthContribution.Jobs] = HealthContribution.Unavailable;

        var status = capabilities[HealthContribution.Jobs] == HealthContribution.Unavailable ? HealthContribution.Unavailable
            : capabilities.Values.All(x => x == HealthContribution.Ok) ? HealthContribution.Ok
            : Degraded;
        return new(status, capabilities);
    }
}
