using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Tests.Configuration;

/// <summary>docs/configuration.md is made from the records themselves: a new setting shows up in review with its documentation.</summary>
public sealed class The_page_lists_every_setting
{
    [Fact]
    public void The_page_is_the_records()
    {
        var path = Path.GetFullPath(Path.Combine(Folder(), "../../docs/configuration.md"));
        var page = Page();
        if (Environment.GetEnvironmentVariable("REACTOR_APPROVE") == "1")
            File.WriteAllText(path, page);

        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == page,
            $"{path} is not what the settings say now. Write it anew with: REACTOR_APPROVE=1 ./test The_page_lists_every_setting");
    }

    [Fact]
    public void Every_setting_says_what_it_does_and_its_default_is_allowed()
    {
        Assert.All(SettingsCatalogue.All, setting =>
        {
            Assert.EndsWith(".", setting.Given.About, StringComparison.Ordinal);
            Assert.Matches("^[a-z][a-z0-9_]*$", setting.Given.Key);
            if (setting.Default is null or IReadOnlyList<string>)
                Assert.NotEmpty(setting.Given.Absent);
            else
                Assert.Equal(setting.Default, setting.Parse(Convert.ToString(setting.Default, CultureInfo.InvariantCulture)!));
        });
        Assert.Equal(SettingsCatalogue.All.Count(), SettingsCatalogue.All.Select(x => x.Variable).Distinct().Count());
    }

    [Fact]
    public void Every_property_of_a_section_is_a_setting() =>
        Assert.All(SettingsCatalogue.Sections, section => Assert.Equal(
            section.Record.GetProperties().Select(x => x.Name).Where(x => !(section.IsNamed && x == nameof(NamedSettings.Name))), section.Settings.Select(x => x.Property.Name)));

    static string Page()
    {
        var text = new StringBuilder(
            """
            # Configuration

            Made from [`ReactorSettings`](../shared/Hosting/Configuration/ReactorSettings.cs) by the test `The_page_lists_every_setting`, which fails when this page
            and the settings differ. `REACTOR_APPROVE=1 ./test The_page_lists_every_setting` writes it anew.

            Settings stand in `Reactor.toml` (or `reactor.toml`), in [TOML 1.0](https://toml.io/en/v1.0.0): the nearest one, from the current folder upwards. Everything
            has a default, so no file is needed.

            ```toml
            [jobs]
            worker_count = 4
            default_timeout_ms = 600000 # 10 minutes
            webhook_secret = "{{ env REACTOR_JOBS_WEBHOOK_SECRET }}"
            ```

            `{{ env NAME }}` in a string stands for the environment variable of that name; one that is not set stops the start.

            A variable of the setting's own wins over the file: `REACTOR_`, the key in capitals, `__` for each dot, as in `REACTOR_JOBS__WORKER_COUNT=8`. What it holds is
            taken as it is; the items of a list are separated by commas. Variables without `__`, such as `REACTOR_TOKEN`, are no settings.

            A key that is not known, or a value that is not allowed, stops the start with one line and exit code 1:

            ```text
            error: /srv/app/Reactor.toml:2:16: jobs.worker_count is "four", but must be a whole number from 1 to 1,024
            ```

            """);
        foreach (var section in SettingsCatalogue.Sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## [{section.Table.Replace("*", "NAME", StringComparison.Ordinal)}]\n\n{section.Given.About}\n\n| key | default | allowed | |\n|---|---|---|---|\n");
            foreach (var setting in section.Settings)
                text.Append(CultureInfo.InvariantCulture, $"| `{setting.Given.Key}` | {Default(setting)} | {Allowed(setting)} | {setting.Given.About.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        return text.ToString();
    }

    static string Default(Setting setting) =>
        setting.Default is null or IReadOnlyList<string> ? setting.Given.Absent : string.Create(CultureInfo.InvariantCulture, $"{setting.Default}{Unit(setting)}");

    static string Allowed(Setting setting)
    {
        var one = setting.IsNumber ? string.Create(CultureInfo.InvariantCulture, $"{setting.Given.Least} to {setting.Given.Most}{Unit(setting)}") : setting.Given.Form switch
        {
            SettingForm.WebAddress => "an http or https address",
            SettingForm.Key => "32 bytes in Base64",
            SettingForm.Connection => "a connection string",
            _ => "a text",
        };
        return (setting.IsList ? "an array, each item " : "") + one + (setting.Given.NotAbove is { } bound ? $", not above `{bound}`" : "");
    }

    static string Unit(Setting setting) => setting.Given.Unit.Length > 0 ? " " + setting.Given.Unit : "";

    static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
