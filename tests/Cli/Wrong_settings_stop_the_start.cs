namespace ReactorJobs.Tests.Cli;

/// <summary><c>reactor dev</c> reads the nearest <c>Reactor.toml</c> before it starts anything.</summary>
public sealed class Wrong_settings_stop_the_start
{
    [Fact]
    public async Task A_wrong_file_is_one_line_and_exit_code_1()
    {
        using var shell = new Shell();
        shell.Write("Reactor.toml", "[jobs]\nworker_count = \"four\"\n");

        var ended = await shell.Run("dev");

        Assert.Equal(1, ended.Exit);
        Assert.Equal("", ended.Out);
        Assert.Equal($"error: {Path.Combine(shell.Folder, "Reactor.toml")}:2:16: jobs.worker_count is \"four\", but must be a whole number from 1 to 1,024\n", ended.Error);
        Assert.Equal(["Reactor.toml"], Directory.GetFileSystemEntries(shell.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_wrong_variable_is_one_line_and_exit_code_1()
    {
        using var shell = new Shell().With("REACTOR_JOBS__WORKER_CUONT", "4");

        var ended = await shell.Run("dev");

        Assert.Equal(1, ended.Exit);
        Assert.Equal("error: REACTOR_JOBS__WORKER_CUONT: jobs.worker_cuont is not a setting; did you mean jobs.worker_count?\n", ended.Error);
    }
}
