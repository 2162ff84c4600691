using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Ingress.Schema;

public sealed class IngressDb(DbContextOptions<IngressDb> options) : DbContext(options)
{
    public const string Name = "ingress";

    public DbSet<TokenRow> Tokens => Set<TokenRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.Entity<TokenRow>(row =>
        {
            row.ToTable("service_token").HasKey(x => new { x.OrgId, x.Id });
            row.Property(x => x.OrgId).HasColumnName("org_id");
            row.Property(x => x.Id).HasColumnName("id");
            row.Property(x => x.Name).HasColumnName("name");
            row.Property(x => x.CreatedAt).HasColumnName("created_at");
            row.Property(x => x.RevokedAt).HasColumnName("revoked_at");
        });
}

/// <summary>A token as it is listed: nothing of it that could be used.</summary>
public sealed record TokenRow(string OrgId, Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

[DbContext(typeof(IngressDb)), Migration("0001_ingress")]
public sealed class CreateIngress : SqlMigration;

[DbContext(typeof(IngressDb)), Migration("0002_secrets")]
public sealed class AddSecrets : SqlMigration;

[DbContext(typeof(IngressDb)), Migration("0003_hooks")]
public sealed class AddHooks : SqlMigration;
