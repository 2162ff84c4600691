using System.Text;
using Microsoft.EntityFrameworkCore;
using ReactorJobs.Scheduler.DeadLetters;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Resources;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler;

/// <summary>The scheduler's schema as its queries and its cold paths see it. Groups of runs are written with statements of their own.</summary>
public sealed class SchedulerDb(DbContextOptions<SchedulerDb> options) : DbContext(options)
{
    public const string Schema = "scheduler";

    public DbSet<JobRow> Jobs => Set<JobRow>();
    public DbSet<TriggerRow> Triggers => Set<TriggerRow>();
    public DbSet<RunListRow> Runs => Set<RunListRow>();
    public DbSet<DeadLetterRow> DeadLetters => Set<DeadLetterRow>();
    public DbSet<ComponentRow> Components => Set<ComponentRow>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<JobRow>().ToTable("job").HasKey(x => new { x.OrgId, x.Name });
        model.Entity<TriggerRow>().ToTable("trigger").HasKey(x => new { x.OrgId, x.Id });
        model.Entity<RunListRow>().ToTable("run").HasKey(x => new { x.OrgId, x.Id });
        model.Entity<DeadLetterRow>().ToTable("dead_letter").HasKey(x => new { x.OrgId, x.Id });
        model.Entity<ComponentRow>().ToTable("component").HasKey(x => new { x.OrgId, x.Id });
        foreach (var entity in model.Model.GetEntityTypes())
            foreach (var property in entity.GetProperties())
                property.SetColumnName(Snake(property.Name));
    }

    static string Snake(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
            text.Append(char.IsUpper(c) && text.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(c));
        return text.ToString();
    }
}
