using System.Text.RegularExpressions;
using ReactorJobs.Events;
using ReactorJobs.Executor;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Modules;
using ReactorJobs.Ingress;
using ReactorJobs.Scheduler;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>The schema of each service as the migrations leave it, in a file: a change of the database is read in review as SQL.</summary>
[Collection(PostgresCollection.Name)]
public sealed partial class Schemas_are_approved(PostgresServer server)
{
    static readonly Dictionary<string, ServiceModule> Modules =
        new ServiceModule[] { new SchedulerModule(), new ExecutorModule(), new EventsModule(), new IngressModule() }.ToDictionary(x => x.Name);

    public static TheoryData<string> Services => [.. Modules.Keys];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Of_the(string service)
    {
        var options = server.NewDatabase();
        await DatabaseSetup.CreateDatabase(options, default);
        // Twice: every start migrates.
        await Modules[service].Migrate(options, default);
        await Modules[service].Migrate(options, default);

        Approval.Verify($"Approved/{service}.sql", WithoutNoise(await server.DumpSchema(options, service)));
    }

    [Fact]
    public async Task Of_what_applications_call()
    {
        var options = server.NewDatabase();
        await DatabaseSetup.CreateDatabase(options, default);
        await Modules["events"].Migrate(options, default);
        Approval.Verify("Approved/reactor_jobs.sql", WithoutNoise(await server.DumpSchema(options, "reactor_jobs")));
    }

    /// <summary>Without what differs from one pg_dump to the next and says nothing about the schema.</summary>
    static string WithoutNoise(string dump)
    {
        string[] noise = ["--", "SET ", "SELECT pg_catalog.set_config", @"\restrict", @"\unrestrict"];
        var lines = dump.Split('\n').Where(line => !noise.Any(x => line.StartsWith(x, StringComparison.Ordinal)));
        return BlankLines().Replace(string.Join('\n', lines), "\n\n").Trim('\n');
    }

    [GeneratedRegex(@"\n{3,}")]
    private static partial Regex BlankLines();
}
