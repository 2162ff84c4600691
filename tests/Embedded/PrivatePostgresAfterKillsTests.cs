using System.Diagnostics;
using System.Globalization;

namespace ReactorJobs.Tests.Embedded;

/// <summary>Rule 26: a start ends what a killed one left, and nothing else.</summary>
public sealed class PrivatePostgresAfterKillsTests : PrivatePostgresFixture
{
    [Fact]
    public async Task Data_survives_a_killed_postmaster()
    {
        await using (var postgres = await Start())
        {
            await Query(postgres, "create table kept as select 42 as answer");
            await Signal("KILL", postgres.ProcessId);
            await postgres.Exited.WaitAsync(Limit);
        }

        await using var again = await Start();
        Assert.Equal("42", await Query(again, "select answer from kept"));
    }

    [Fact]
    public async Task A_backend_that_outlived_its_postmaster_is_ended()
    {
        int backend;
        await using (var postgres = await Start())
        {
            await Query(postgres, "create table kept as select 42 as answer");
            var connection = await Connect(postgres);
            backend = connection.ProcessID;

            // A stopped backend cannot notice that its postmaster is gone, as one deep in a computation does not.
            await Signal("STOP", backend);
            await Signal("KILL", postgres.ProcessId);
            await postgres.Exited.WaitAsync(Limit);
            Assert.True(IsAlive(backend));
        }

        await using var again = await Start();
        Assert.False(IsAlive(backend));
        Assert.Equal("42", await Query(again, "select answer from kept"));
    }

    [Fact]
    public async Task PostgreSQL_ends_soon_after_its_killed_host()
    {
        var (host, postgres) = await StartHostProcess(DataFolder);
        using (host)
        {
            host.Kill();
            await UntilGone(postgres);
        }

        await using var again = await Start();
        Assert.Equal("1", await Query(again, "select 1"));
    }

    [Fact]
    public async Task A_server_that_outlived_its_host_is_ended_by_the_next_start()
    {
        var (host, orphan) = await StartHostProcess(DataFolder);
        using (host)
        {
            foreach (var watch in ChildrenOf(host, except: orphan)) await Signal("KILL", watch);
            host.Kill();
            await host.WaitForExitAsync();
        }

        Assert.True(IsAlive(orphan));

        await using var again = await Start();
        Assert.False(IsAlive(orphan));
        Assert.Contains(Reported, line => line.StartsWith($"ending PostgreSQL {orphan},", StringComparison.Ordinal));
        Assert.Equal("1", await Query(again, "select 1"));
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_by_its_owners_id_and_its_server_left_alone()
    {
        var (host, postgres) = await StartHostProcess(DataFolder);
        using (host)
        {
            var failure = await StartFails();
            Assert.Contains($"in use by process {host.Id}", failure.Message, StringComparison.Ordinal);
            Assert.True(IsAlive(postgres));

            host.StandardInput.Close();
            await host.WaitForExitAsync().WaitAsync(Limit);
            Assert.Equal(0, host.ExitCode);
            Assert.False(IsAlive(postgres));
        }
    }

    [Fact]
    public async Task A_second_start_in_the_same_process_is_refused_too()
    {
        await using var postgres = await Start();

        var failure = await StartFails();

        Assert.Contains($"in use by process {Environment.ProcessId}", failure.Message, StringComparison.Ordinal);
        Assert.Equal("1", await Query(postgres, "select 1"));
    }

    [Fact]
    public async Task A_stale_pid_file_that_names_an_unrelated_process_harms_nobody()
    {
        await using (await Start())
        {
        }

        using var unrelated = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true })!;
        await WritePidFile(Cluster, unrelated.Id);

        await using var again = await Start();

        Assert.Equal("1", await Query(again, "select 1"));
        Assert.False(unrelated.HasExited);
        unrelated.StandardInput.Close();
        await unrelated.WaitForExitAsync().WaitAsync(Limit);
        Assert.Equal(0, unrelated.ExitCode);
    }

    [Fact]
    public async Task A_stale_pid_file_that_names_another_folders_server_does_not_end_it()
    {
        await using (await Start())
        {
        }

        await using var other = await Start(OtherFolder("other"));
        await WritePidFile(Cluster, other.ProcessId);

        await using var again = await Start();

        Assert.Equal("1", await Query(again, "select 1"));
        Assert.Equal("1", await Query(other, "select 1"));
    }

    static Task WritePidFile(string cluster, int processId) =>
        File.WriteAllTextAsync(
            Path.Combine(cluster, "postmaster.pid"), string.Create(CultureInfo.InvariantCulture, $"{processId}\n{cluster}\n1\n5432\n"));
}
