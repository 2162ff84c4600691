using ReactorJobs.Embedded.PostgreSql;

namespace ReactorJobs.Tests.Embedded;

/// <summary>This assembly run as a program: a host that owns a PostgreSQL on the folder given until its input ends, or it is killed.</summary>
static class HostProgram
{
    static async Task<int> Main(string[] args)
    {
        if (args is not [var dataFolder]) return 2;
        await using var postgres = await PrivatePostgres.Start(
            new(dataFolder, BinFolder: null), TimeProvider.System, new Progress<string>(), default);
        Console.WriteLine(postgres.ProcessId);
        await Console.In.ReadLineAsync();
        return 0;
    }
}
