using ReactorJobs.Hosting.Database;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>The scheduler's schema in a database of its own.</summary>
sealed class Database(ServiceDatabase service) : IAsyncDisposable
{
    public ServiceDatabase Service => service;
    public PostgresRunStore Store { get; } = new(service);
    public JobRegistry Registry { get; } = new(service);

    public static async Task<Database> Make(PostgresServer server, params Job[] jobs)
    {
        var options = server.NewDatabase();
        await DatabaseSetup.CreateDatabase(options, default);
        await new SchedulerModule().Migrate(options, default);
        var database = new Database(new(options, SchedulerDb.Schema) { GroupPatience = TimeSpan.FromMinutes(1) }); // no group here is tried again
        foreach (var job in jobs)
            await database.Registry.Register(job.OrgId, [job with { CreatedAt = ManualTime.Start, UpdatedAt = ManualTime.Start }], mayUpdate: false, default);
        return database;
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();
}
