namespace ReactorJobs.Executor.Functions;

/// <summary>A row of the <c>function</c> table.</summary>
sealed class FunctionRow
{
    public required string OrgId { get; init; }
    public required string Name { get; init; }
    public required string Runtime { get; init; }
    public int? LiveVersion { get; set; }
    public int LastVersion { get; set; }
    public bool Network { get; set; }
    public required string Env { get; set; }
    public required string Secrets { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A row of the <c>function_version</c> table. Whoever wants many leaves the bundles out.</summary>
sealed class FunctionVersionRow
{
    public required string OrgId { get; init; }
    public required string Name { get; init; }
    public int Version { get; init; }
    public Guid Id { get; init; }
    public required string Runtime { get; init; }
    public required string Entry { get; init; }
    public required byte[] Bundle { get; init; }
    public required string Sha256 { get; init; }
    public long Bytes { get; init; }
    public int Files { get; init; }
    public bool Network { get; init; }
    public required string Env { get; init; }
    public required string Secrets { get; init; }
    public string? Job { get; init; }

    /// <summary>Null where nobody has looked for them.</summary>
    public string? Exports { get; init; }
    public string? Triggers { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
}

/// <summary>A row of the <c>function_pin</c> table.</summary>
sealed class FunctionPinRow
{
    public required string OrgId { get; init; }
    public Guid RunId { get; init; }
    public required string Name { get; init; }
    public int Version { get; init; }
}
