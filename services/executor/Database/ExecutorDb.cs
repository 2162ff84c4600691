using Microsoft.EntityFrameworkCore;
using ReactorJobs.Executor.Functions;

namespace ReactorJobs.Executor.Database;

/// <summary>Maps the schema for reading and for the migrations; the hot paths are statements of their own.</summary>
public sealed class ExecutorDb(DbContextOptions<ExecutorDb> options) : DbContext(options)
{
    public const string Schema = "executor";

    internal DbSet<LeaseRow> Leases => Set<LeaseRow>();
    internal DbSet<CheckpointRow> Checkpoints => Set<CheckpointRow>();
    internal DbSet<AttemptRow> Attempts => Set<AttemptRow>();
    internal DbSet<LogRow> Logs => Set<LogRow>();
    internal DbSet<FunctionRow> Functions => Set<FunctionRow>();
    internal DbSet<FunctionVersionRow> FunctionVersions => Set<FunctionVersionRow>();
    internal DbSet<FunctionPinRow> FunctionPins => Set<FunctionPinRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<LeaseRow>().ToTable("lease").HasKey(x => new { x.OrgId, x.RunId });
        modelBuilder.Entity<CheckpointRow>().ToTable("checkpoint").HasKey(x => new { x.OrgId, x.RunId, x.Key });
        modelBuilder.Entity<AttemptRow>().ToTable("attempt").HasKey(x => new { x.OrgId, x.RunId, x.Epoch });
        modelBuilder.Entity<LogRow>().ToTable("log").HasKey(x => new { x.OrgId, x.Id });
        modelBuilder.Entity<FunctionRow>().ToTable("function").HasKey(x => new { x.OrgId, x.Name });
        modelBuilder.Entity<FunctionVersionRow>().ToTable("function_version").HasKey(x => new { x.OrgId, x.Name, x.Version });
        modelBuilder.Entity<FunctionPinRow>().ToTable("function_pin").HasKey(x => new { x.OrgId, x.RunId, x.Name });
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(x => x.GetProperties()))
            property.SetColumnName(string.Concat(property.Name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString())));
    }
}

sealed class LeaseRow
{
    public required string OrgId { get; init; }
    public Guid RunId { get; init; }
    public int Epoch { get; init; }
    public int Attempt { get; init; }
    public required string Worker { get; init; }
    public DateTimeOffset ClaimedAt { get; init; }
}

sealed class CheckpointRow
{
    public required string OrgId { get; init; }
    public Guid RunId { get; init; }
    public required string Key { get; init; }
    public long Seq { get; init; }
    public int Attempt { get; init; }
    public required string Output { get; init; }
    public DateTimeOffset? DueAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public long? DurationMs { get; init; }
    public string? Topics { get; init; }
}

sealed class AttemptRow
{
    public required string OrgId { get; init; }
    public Guid RunId { get; init; }
    public int Epoch { get; init; }
    public int Number { get; init; }
    public required string Worker { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset EndedAt { get; init; }
    public required string Outcome { get; init; }
    public string? Error { get; init; }
}

sealed class LogRow
{
    public required string OrgId { get; init; }
    public long Id { get; init; }
    public Guid RunId { get; init; }
    public required string Job { get; init; }
    public int Attempt { get; init; }
    public DateTimeOffset Ts { get; init; }
    public required string Level { get; init; }
    public string? Step { get; init; }
    public required string Message { get; init; }
}
