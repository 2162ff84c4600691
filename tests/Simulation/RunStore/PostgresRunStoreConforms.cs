using ReactorJobs.Hosting.Database;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Tests.Events;

namespace ReactorJobs.Tests.Simulation.RunStore;

[Collection(PostgresCollection.Name)]
public sealed class PostgresRunStoreConforms(PostgresServer server) : RunStoreConformance, IAsyncLifetime
{
    readonly DatabaseOptions options = server.NewDatabase();
    ServiceDatabase database = null!;

    protected override IRunStore Store => new PostgresRunStore(database);

    protected override Task Register(Job job) => new JobRegistry(database).Register(job.OrgId, [job], mayUpdate: true, default);

    public async Task InitializeAsync()
    {
        await DatabaseSetup.CreateDatabase(options, default);
        await new SchedulerModule().Migrate(options, default);
        database = new(options, SchedulerDb.Schema, 4) { GroupPatience = TimeSpan.FromMinutes(1) }; // no group here is tried again
    }

    public async Task DisposeAsync() => await database.DisposeAsync();
}
