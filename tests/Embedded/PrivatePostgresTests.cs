using System.Runtime.Versioning;
using Npgsql;

namespace ReactorJobs.Tests.Embedded;

/// <summary>Rule 26: starting, restarting and what it refuses.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivatePostgresTests : PrivatePostgresFixture
{
    [Fact]
    public async Task A_new_folder_becomes_a_database_that_is_durable_logical_and_private()
    {
        await using var postgres = await Start();

        Assert.Equal("on", await Query(postgres, "show fsync"));
        Assert.Equal("on", await Query(postgres, "show synchronous_commit"));
        Assert.Equal("logical", await Query(postgres, "show wal_level"));
        Assert.Equal("", await Query(postgres, "show listen_addresses"));
        Assert.Equal("100", await Query(postgres, "show max_connections"));
        Assert.Equal("UTF8", await Query(postgres, "show server_encoding"));
        var socketFolder = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Host!;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(socketFolder));
        Assert.True(IsAlive(postgres.ProcessId));
        Assert.Equal("postgres", Path.GetFileName(new FileInfo($"/proc/{postgres.ProcessId}/exe").LinkTarget));
    }

    [Fact]
    public async Task It_has_none_of_roots_privileges()
    {
        await using var postgres = await Start();

        var effective = File.ReadLines($"/proc/{postgres.ProcessId}/status").Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal));
        Assert.Equal("0000000000000000", effective.Split('\t')[1]);
    }

    [Fact]
    public async Task A_restart_finds_the_data_and_leaves_nothing_behind()
    {
        int first;
        await using (var postgres = await Start())
        {
            first = postgres.ProcessId;
            await Query(postgres, "create table kept as select 42 as answer");
        }

        Assert.False(IsAlive(first));
        Assert.False(File.Exists(Path.Combine(Cluster, "postmaster.pid")));

        await using var again = await Start();
        Assert.Equal("42", await Query(again, "select answer from kept"));
        var log = await File.ReadAllTextAsync(Path.Combine(DataFolder, "logs", "postgres.log"));
        Assert.DoesNotContain("not properly shut down", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_user_namespaces_it_runs_as_another_user_than_root()
    {
        const UnixFileMode everybody = UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(Root, File.GetUnixFileMode(Root) | everybody);
        var forbidden = Directory.CreateDirectory(OtherFolder("bin")).FullName;
        await File.WriteAllTextAsync(Path.Combine(forbidden, "unshare"), "#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n");
        File.SetUnixFileMode(Path.Combine(forbidden, "unshare"), everybody | UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var (host, postgres) = await StartHostProcess(DataFolder, pathFirst: forbidden);
        using (host)
        {
            var users = File.ReadLines($"/proc/{postgres}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1..];
            Assert.DoesNotContain("0", users);
            host.Kill();
            await UntilGone(postgres);
        }

        // The cluster is that user's now, and the next start sees it.
        await using var again = await Start();
        Assert.Equal("1", await Query(again, "select 1"));
    }

    [Fact]
    public async Task A_pooled_connection_is_not_carried_over_a_restart()
    {
        for (var round = 0; round < 2; round++)
        {
            await using var postgres = await Start();
            await using var connection = new NpgsqlConnection(postgres.ConnectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("select 1", connection);
            Assert.Equal(1, await command.ExecuteScalarAsync());
        }
    }

    [Fact]
    public async Task Exited_completes_when_the_postmaster_dies()
    {
        await using var postgres = await Start();
        Assert.False(postgres.Exited.IsCompleted);

        await Signal("KILL", postgres.ProcessId);

        Assert.NotEqual(0, await postgres.Exited.WaitAsync(Limit));
    }

    [Fact]
    public async Task A_folder_that_only_its_owner_may_enter_is_reached()
    {
        var locked = OtherFolder("locked");
        Directory.CreateDirectory(locked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await using var postgres = await Start(Path.Combine(locked, "data"));

        Assert.Equal("1", await Query(postgres, "select 1"));
    }

    [Fact]
    public async Task The_socket_is_short_however_long_the_folder_is()
    {
        var deep = OtherFolder(string.Join('/', Enumerable.Repeat("a-rather-long-folder-name-with ' quote", 6)));

        await using var postgres = await Start(deep);

        var socket = Path.Combine(new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Host!, ".s.PGSQL.5432");
        Assert.True(deep.Length > 107);
        Assert.InRange(socket.Length, 1, 107);
        Assert.Equal("1", await Query(postgres, "select 1"));
    }

    [Fact]
    public async Task Two_folders_have_two_servers_at_once()
    {
        await using var one = await Start(OtherFolder("one"));
        await using var two = await Start(OtherFolder("two"));

        await Query(one, "create table only_in_one()");

        Assert.NotEqual(one.ConnectionString, two.ConnectionString);
        Assert.Equal("0", await Query(two, "select count(*) from pg_class where relname = 'only_in_one'"));
    }

    [Fact]
    public async Task A_bin_folder_without_PostgreSQL_is_refused_by_the_settings_name()
    {
        var failure = await StartFails(binFolder: "/nowhere/bin");

        Assert.Contains("Postgres:BinFolder is \"/nowhere/bin\"", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fsync", "off", "Postgres:Settings:fsync cannot be changed")]
    [InlineData("LISTEN_ADDRESSES", "*", "Postgres:Settings:LISTEN_ADDRESSES cannot be changed")]
    [InlineData("work_mem", "1\nfsync = off", "Postgres:Settings:work_mem is no PostgreSQL setting")]
    public async Task A_setting_that_endangers_the_data_is_refused(string name, string value, string message)
    {
        var failure = await StartFails(settings: new Dictionary<string, string> { [name] = value });

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_of_the_users_wins_over_ours()
    {
        await using var postgres = await Start(settings: new Dictionary<string, string> { ["jit"] = "on", ["search_path"] = "a, 'b'" });

        Assert.Equal("on", await Query(postgres, "show jit"));
        Assert.Equal("a, 'b'", await Query(postgres, "show search_path"));
    }

    [Fact]
    public async Task A_setting_that_PostgreSQL_refuses_is_named()
    {
        var failure = await StartFails(settings: new Dictionary<string, string> { ["work_memory"] = "4MB" });

        Assert.Contains("work_memory", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Correct Postgres:Settings", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\u0001garbage", "has a damaged PG_VERSION (\"?garbage\")")]
    [InlineData("", "has a damaged PG_VERSION")]
    [InlineData("11\n", "was written by PostgreSQL 11, and its binaries are not here")]
    public async Task A_folder_of_an_unknown_version_is_refused_and_kept(string version, string message)
    {
        Directory.CreateDirectory(Cluster);
        var file = Path.Combine(Cluster, "PG_VERSION");
        await File.WriteAllTextAsync(file, version);

        var failure = await StartFails();

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.Equal(version, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_damaged_cluster_is_refused_with_the_servers_own_reason()
    {
        await using (await Start())
        {
        }

        File.Delete(Path.Combine(Cluster, "global", "pg_control"));

        var failure = await StartFails();
        Assert.Contains("pg_control", failure.Message, StringComparison.Ordinal);
        Assert.Contains("seems damaged", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_refused()
    {
        await File.WriteAllTextAsync(DataFolder, "a file");

        var failure = await StartFails();
        Assert.Contains($"The data folder {DataFolder} cannot be used", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_start_frees_the_folder()
    {
        await StartFails(binFolder: "/nowhere/bin");

        await using var postgres = await Start();
        Assert.Equal("1", await Query(postgres, "select 1"));
    }

    [Fact]
    public async Task A_half_made_cluster_is_made_anew()
    {
        Directory.CreateDirectory(Cluster + ".new");
        await File.WriteAllTextAsync(Path.Combine(Cluster + ".new", "PG_VERSION"), "15\n");

        await using var postgres = await Start();
        Assert.Equal("1", await Query(postgres, "select 1"));
        Assert.False(Directory.Exists(Cluster + ".new"));
    }
}
