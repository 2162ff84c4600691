using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Reactor.Jobs.EntityFrameworkCore;

/// <summary>Starts jobs and emits events as part of what a context saves.</summary>
public static class DbContextJobs
{
    /// <summary>
    /// Starts a run of a job with the next <c>SaveChanges</c>, in its transaction: an own one or the caller's. When that does not commit, nothing has
    /// happened. It is committed like any entity that is added: saved once, left out by <c>ChangeTracker.Clear()</c>, and sent with the same id when a
    /// retrying execution strategy saves again, so that a commit whose answer was lost starts no second run.
    /// </summary>
    /// <param name="db">A context whose model has <see cref="ReactorJobsModel.UseReactorJobs"/>, in the suite's database.</param>
    /// <param name="job">The job's name, case included. Whether there is such a job shows when the run is to start: <c>reactor sql refused</c> lists those that could not.</param>
    /// <param name="payload">Written as JSON of at most 1 MiB and 63 levels.</param>
    /// <param name="options">When, how urgent, and the like; null is at once and as the job says.</param>
    /// <param name="json">How the payload is written; null is <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <returns>The run's id: <c>run_</c> and 26 characters, which sort by time.</returns>
    /// <exception cref="InvalidOperationException">The model has no <see cref="ReactorJobsModel.UseReactorJobs"/>.</exception>
    /// <exception cref="ArgumentException">The name is empty, or an option is not allowed.</exception>
    /// <remarks>
    /// Saving throws a <see cref="DbUpdateException"/> around a <c>PostgresException</c> when the database refuses the call: <c>SqlState</c> 42501 where the
    /// role may not start jobs, and 22023 where an argument is wrong; <c>ColumnName</c> names it.
    /// </remarks>
    public static string TriggerJob<T>(this DbContext db, string job, T payload, JobOptions? options = null, JsonSerializerOptions? json = null) =>
        Add(db, JobCall.Run, "run_", null, job, payload, options?.ToJson(), json);

    /// <summary>Emits an event with the next <c>SaveChanges</c>, in its transaction, as <see cref="TriggerJob"/> starts a run. Each job that listens to the topic gets a run.</summary>
    /// <param name="db">A context whose model has <see cref="ReactorJobsModel.UseReactorJobs"/>, in the suite's database.</param>
    /// <param name="topic">1 to 256 characters, none of them a control character; exact and case-sensitive.</param>
    /// <param name="payload">Written as JSON of at most 1 MiB and 63 levels.</param>
    /// <param name="eventId">The event's id, <c>evt_</c> and a ULID: the same one again changes nothing. Null makes a new one.</param>
    /// <param name="json">How the payload is written; null is <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <returns>The event's id: <c>evt_</c> and 26 characters.</returns>
    /// <exception cref="InvalidOperationException">The model has no <see cref="ReactorJobsModel.UseReactorJobs"/>.</exception>
    /// <exception cref="ArgumentException">The topic or the id is empty.</exception>
    public static string EmitEvent<T>(this DbContext db, string topic, T payload, string? eventId = null, JsonSerializerOptions? json = null) =>
        Add(db, JobCall.Event, "evt_", eventId, topic, payload, null, json);

    static string Add<T>(DbContext db, string kind, string prefix, string? id, string name, T payload, string? options, JsonSerializerOptions? json)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (id is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(id);
        if (db.Model.FindEntityType(typeof(JobCall)) is null)
            throw new InvalidOperationException(
                $"{db.GetType().Name} cannot start jobs or emit events yet: call modelBuilder.{nameof(ReactorJobsModel.UseReactorJobs)}() in its {nameof(DbContext)}.OnModelCreating.");
        if (!db.Database.IsNpgsql())
            throw new InvalidOperationException($"{db.GetType().Name} uses {db.Database.ProviderName}; jobs are started in PostgreSQL, by the provider of Npgsql.");

        var call = new JobCall
        {
            Id = id ?? CallId.New(prefix, ClockOf(db)),
            Kind = kind,
            Name = name,
            Payload = JsonSerializer.Serialize(payload, json ?? JsonSerializerOptions.Web),
            Options = options,
        };
        db.Add(call);
        return call.Id;
    }

    /// <summary>The application's, where it has one.</summary>
    static TimeProvider ClockOf(DbContext db) =>
        db.GetService<IDbContextOptions>().FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider?.GetService(typeof(TimeProvider)) as TimeProvider ?? TimeProvider.System;
}
