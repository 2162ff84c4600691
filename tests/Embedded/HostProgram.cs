using ReactorJobs.Embedded.PostgreSql;
using ReactorJobs.Embedded.RabbitMq;

namespace ReactorJobs.Tests.Embedded;

/// <summary>This assembly run as a program: a host that owns a server on the folder given until its input ends, or it is killed.</summary>
static class HostProgram
{
    static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["postgres", var dataFolder]:
                await using (var postgres = await PrivatePostgres.Start(new(dataFolder, BinFolder: null), TimeProvider.System, new Progress<string>(), default))
                    await UntilInputEnds(postgres.ProcessId);
                return 0;
            case ["rabbitmq", var dataFolder]:
                await using (var rabbit = await PrivateRabbitMq.Start(new(dataFolder), TimeProvider.System, new Progress<string>(), default))
                    await UntilInputEnds(rabbit.Pid);
                return 0;
            default:
                return 2;
        }
    }

    static async Task UntilInputEnds(int server)
    {
        Console.WriteLine(server);
        await Console.In.ReadLineAsync();
    }
}
