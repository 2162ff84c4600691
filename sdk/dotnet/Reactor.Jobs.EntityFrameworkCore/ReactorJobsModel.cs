using Microsoft.EntityFrameworkCore;

namespace Reactor.Jobs.EntityFrameworkCore;

/// <summary>The part of a model that calls of jobs need.</summary>
public static class ReactorJobsModel
{
    /// <summary>
    /// Lets a context start jobs and emit events. To be called in <c>OnModelCreating</c>. Nothing is added to the application's own schema, and
    /// migrations leave it out: the view that it maps is the suite's.
    /// </summary>
    /// <param name="modelBuilder">The model of a context whose provider is Npgsql, and whose database is the suite's.</param>
    /// <returns>The same builder.</returns>
    public static ModelBuilder UseReactorJobs(this ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        return modelBuilder.Entity<JobCall>(call =>
        {
            call.ToTable("call", "reactor_jobs", table => table.ExcludeFromMigrations());
            call.HasKey(x => x.Id);
            call.Property(x => x.Id).HasColumnName("id").HasColumnType("text").ValueGeneratedNever();
            call.Property(x => x.Kind).HasColumnName("kind").HasColumnType("text");
            call.Property(x => x.Name).HasColumnName("name").HasColumnType("text");
            call.Property(x => x.Payload).HasColumnName("payload").HasColumnType("jsonb");
            call.Property(x => x.Options).HasColumnName("options").HasColumnType("jsonb");
        });
    }
}
