using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ReactorJobs.Events.Sql;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Events.Schema;

/// <summary>The schema as queries see it. What is written goes in groups through <see cref="Routing.PostgresEventStore"/>.</summary>
public sealed class EventsDb(DbContextOptions<EventsDb> options) : DbContext(options)
{
    public const string Name = "events";

    public DbSet<EventRow> Events => Set<EventRow>();

    public DbSet<SubscriptionRow> Subscriptions => Set<SubscriptionRow>();

    public DbSet<DeliveryRow> Deliveries => Set<DeliveryRow>();

    public DbSet<RefusalRow> Refusals => Set<RefusalRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<EventRow>(row =>
        {
            row.ToTable("event").HasKey(x => new { x.OrgId, x.Id });
            row.Property(x => x.OrgId).HasColumnName("org_id");
            row.Property(x => x.Id).HasColumnName("id");
            row.Property(x => x.Topic).HasColumnName("topic");
            row.Property(x => x.Payload).HasColumnName("payload");
            row.Property(x => x.SourceRun).HasColumnName("source_run");
            row.Property(x => x.EmittedAt).HasColumnName("emitted_at");
            row.Property(x => x.StoredAt).HasColumnName("stored_at");
            row.Property(x => x.Deliveries).HasColumnName("deliveries");
        });
        modelBuilder.Entity<SubscriptionRow>(row =>
        {
            row.ToTable("subscription").HasKey(x => new { x.OrgId, x.TriggerId });
            row.Property(x => x.OrgId).HasColumnName("org_id");
            row.Property(x => x.TriggerId).HasColumnName("trigger_id");
            row.Property(x => x.Topic).HasColumnName("topic");
            row.Property(x => x.Job).HasColumnName("job");
            row.Property(x => x.CreatedAt).HasColumnName("created_at");
        });
        modelBuilder.Entity<DeliveryRow>(row =>
        {
            row.ToTable("delivery").HasKey(x => new { x.OrgId, x.EventId, x.TriggerId, x.Replay });
            row.Property(x => x.OrgId).HasColumnName("org_id");
            row.Property(x => x.EventId).HasColumnName("event_id");
            row.Property(x => x.TriggerId).HasColumnName("trigger_id");
            row.Property(x => x.Replay).HasColumnName("replay");
            row.Property(x => x.RunId).HasColumnName("run_id");
            row.Property(x => x.Job).HasColumnName("job");
            row.Property(x => x.CreatedAt).HasColumnName("created_at");
        });
        modelBuilder.Entity<RefusalRow>(row =>
        {
            row.ToTable("refusal").HasKey(x => new { x.OrgId, x.Id, x.Kind });
            row.Property(x => x.OrgId).HasColumnName("org_id");
            row.Property(x => x.Id).HasColumnName("id");
            row.Property(x => x.Kind).HasColumnName("kind");
            row.Property(x => x.Name).HasColumnName("name");
            row.Property(x => x.Payload).HasColumnName("payload");
            row.Property(x => x.TriggerKind).HasColumnName("trigger_kind");
            row.Property(x => x.Code).HasColumnName("code");
            row.Property(x => x.Reason).HasColumnName("reason");
            row.Property(x => x.RequestedAt).HasColumnName("requested_at");
            row.Property(x => x.RefusedAt).HasColumnName("refused_at");
        });
    }
}

public sealed record EventRow(
    string OrgId, Guid Id, string Topic, string Payload, Guid? SourceRun, DateTimeOffset EmittedAt, DateTimeOffset StoredAt, int Deliveries);

public sealed record SubscriptionRow(string OrgId, string TriggerId, string Topic, string Job, DateTimeOffset CreatedAt);

/// <param name="Replay">Empty for the delivery that the event itself has made.</param>
public sealed record DeliveryRow(string OrgId, Guid EventId, string TriggerId, Guid Replay, Guid RunId, string Job, DateTimeOffset CreatedAt);

public sealed record RefusalRow(
    string OrgId, Guid Id, string Kind, string Name, string Payload, string TriggerKind, string Code, string Reason, DateTimeOffset RequestedAt, DateTimeOffset RefusedAt);

[DbContext(typeof(EventsDb)), Migration("0001_events")]
public sealed class CreateEvents : SqlMigration;

[DbContext(typeof(EventsDb)), Migration("0002_redelivery")]
public sealed class AddRedelivery : SqlMigration;

[DbContext(typeof(EventsDb)), Migration("0003_view")]
public sealed class AddView : SqlMigration;

[DbContext(typeof(EventsDb)), Migration("0004_sql")]
public sealed class AddSqlCalls : SqlMigration
{
    protected override string Before => SqlCalls.Installer();
}

[DbContext(typeof(EventsDb)), Migration("0005_data_events")]
public sealed class AddDataEvents : SqlMigration;

[DbContext(typeof(EventsDb))]
[Migration("0006_calls")]
public sealed class ShortenCalls : SqlMigration
{
    protected override string Before => SqlCalls.Calls();
}
