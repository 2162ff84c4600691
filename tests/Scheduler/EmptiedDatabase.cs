using Npgsql;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>One database for all tests of a class, each of which finds it empty but for its jobs.</summary>
public sealed class EmptiedDatabase(PostgresServer server) : IAsyncLifetime
{
    static readonly string[] Tables = ["run", "timer", "idempotency", "dead_letter", "outbox", "component", "job", "job_load"];

    Database? made;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (made is not null)
            await made.DisposeAsync();
    }

    internal async Task<Database> With(params Job[] jobs)
    {
        if (made is null)
            return made = await Database.Make(server, jobs);
        await made.Service.InOrg(Given.Org, async connection =>
        {
            await using var command = new NpgsqlCommand(string.Join(';', Tables.Select(table => $"delete from {table}")), connection);
            return await command.ExecuteNonQueryAsync();
        });
        foreach (var job in jobs)
            await made.Registry.Register(job.OrgId, [job with { CreatedAt = ManualTime.Start, UpdatedAt = ManualTime.Start }], mayUpdate: false, default);
        return made;
    }
}
