namespace ReactorJobs.Tests.Cli;

public sealed class Misuse_is_refused_before_anything_is_sent : IAsyncLifetime
{
    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Theory]
    [InlineData("error: Required argument 'NAME' missing for command: 'trigger'.", "jobs", "trigger")]
    [InlineData("error: there is no command lst; did you mean list?\nhint: reactor jobs --help", "jobs", "lst")]
    [InlineData("error: --limit is 1 to 500", "jobs", "list", "--limit", "501")]
    [InlineData("error: --timeout soon: not a duration", "jobs", "create", "j", "--function", "f", "--timeout", "soon")]
    [InlineData("error: say what runs the job", "jobs", "create", "j")]
    [InlineData("error: --function and --handler exclude each other", "jobs", "create", "j", "--function", "f", "--handler", "h")]
    [InlineData("error: --kind event needs --topic", "jobs", "triggers", "create", "j", "--kind", "event")]
    [InlineData("error: --secret and --header need --verify", "jobs", "triggers", "create", "j", "--kind", "webhook", "--secret", "s")]
    [InlineData("error: --run-at tomorrow: not a time", "jobs", "trigger", "j", "--run-at", "tomorrow")]
    [InlineData("error: --delay and --run-at exclude each other", "jobs", "trigger", "j", "--run-at", "2026-04-01", "--delay", "1m")]
    [InlineData("error: --follow and --wait exclude each other", "jobs", "trigger", "j", "--follow", "--wait", "1m")]
    [InlineData("error: say which: ids, - for standard input, or --all", "jobs", "dlq", "retry", "j")]
    [InlineData("error: ids and --all exclude each other", "jobs", "dlq", "retry", "j", "dlq_1", "--all")]
    [InlineData("error: cannot read no.json:", "jobs", "trigger", "j", "--payload", "@no.json")]
    [InlineData("error: logs have no ids", "logs", "-o", "ids")]
    [InlineData("error: Argument 'xml' not recognized.", "jobs", "list", "-o", "xml")]
    [InlineData("error: ftp://x: not an http(s) address", "jobs", "list", "--url", "ftp://x")]
    [InlineData("error: --payload is not JSON: 'b' is an invalid start of a property name. Expected a '\"' (line 1, column 2)", "jobs", "trigger", "j", "--payload", "{bad}")]
    [InlineData("error: --payload is not JSON: ", "events", "emit", "t", "--payload", "")]
    [InlineData("error: NAME and --job exclude each other", "logs", "a", "--job", "b")]
    [InlineData("error: Argument 'deno' not recognized.", "functions", "create", "f", "--runtime", "deno")]
    [InlineData("error: --env: NAME=VALUE is expected", "functions", "create", "f", "--env", "LEVEL")]
    [InlineData("error: --env A: given twice", "functions", "create", "f", "--env", "A=1", "--env", "A=2")]
    [InlineData("error: --secret KEY: a secret is named by where it lies: NAME=vault:PATH", "functions", "create", "f", "--secret", "KEY=hunter2")]
    [InlineData("error: there is nothing to set\nhint: --network, --no-network, --env, --secret or --unset say what", "functions", "set", "f")]
    [InlineData("error: --network and --no-network exclude each other", "functions", "set", "f", "--network", "--no-network")]
    [InlineData("error: there is no folder functions/f\nhint: --dir names the folder", "functions", "deploy", "f")]
    [InlineData("error: this folder is not a function: it has neither an index.ts nor a function.json", "functions", "deploy")]
    [InlineData("error: --version counts from 1", "functions", "promote", "f", "--version", "0")]
    [InlineData("error: --to counts from 1", "functions", "rollback", "f", "--to", "0")]
    [InlineData("error: --payload is not JSON: ", "functions", "invoke", "f", "--payload", "{bad}")]
    [InlineData("error: a function's answer has no ids", "functions", "invoke", "f", "-o", "ids")]
    [InlineData("error: deleting the function f with its versions needs --force", "functions", "delete", "f")]
    [InlineData("error: a secret must not be empty", "secrets", "set", "a/b")]
    [InlineData("error: deleting the secret a needs --force", "secrets", "delete", "a")]
    [InlineData("error: there is nothing to deploy in this folder: no functions/* and no jobs/manifest.json", "deploy")]
    [InlineData("error: --dir there: there is no such folder", "deploy", "--dir", "there")]
    [InlineData("error: Argument 'tcsh' not recognized.", "completion", "tcsh")]
    [InlineData("error: say what to keep: --url, --token or --org", "context", "set", "prod")]
    [InlineData("error: ftp://x: not an http(s) address", "context", "set", "prod", "--url", "ftp://x")]
    [InlineData("error: deleting the job j with its triggers needs --force", "jobs", "delete", "j")]
    [InlineData("error: discarding dlq_1 of j needs --force", "jobs", "dlq", "discard", "j", "dlq_1")]
    public async Task With_exit_code_2(string error, params string[] args)
    {
        using var shell = new Shell(api);
        var ended = await shell.Run(args);
        Assert.StartsWith(error, ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, ended.Exit);
        Assert.Equal("", ended.Out);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task Bad_json_in_a_file_has_its_line_and_column_in_letters()
    {
        using var shell = new Shell(api);
        shell.Write("p.json", "{\n  \"naïve\": tru\n}");
        var ended = await shell.Run("jobs", "trigger", "j", "--payload", "@p.json");
        Assert.Contains("(line 2, column 15)", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, ended.Exit);
    }

    [Fact]
    public async Task A_group_without_its_command_shows_what_there_is()
    {
        using var shell = new Shell(api);
        var ended = await shell.Run("jobs", "runs");
        Assert.Equal(2, ended.Exit);
        Assert.Contains("cancel <NAME> <RUN_ID>", ended.Out, StringComparison.Ordinal);
    }
}
