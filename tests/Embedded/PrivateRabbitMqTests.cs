using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using ReactorJobs.Embedded.RabbitMq;

namespace ReactorJobs.Tests.Embedded;

/// <summary>Starting the private RabbitMQ, what it keeps to itself, and what it refuses.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivateRabbitMqTests : PrivateRabbitMqFixture
{
    [Fact]
    public async Task A_new_folder_becomes_a_broker_on_loopback_alone_that_takes_messages_and_leaves_no_process()
    {
        await using (var broker = await Start())
        {
            await Publish(broker.Amqp, "hello");
            Assert.Equal("hello", await Take(broker.Amqp));

            var who = await Ask(broker, "/api/whoami");
            Assert.Equal("administrator", who.GetProperty("tags")[0].GetString());
            Assert.Equal("beam.smp", (await File.ReadAllTextAsync($"/proc/{broker.Pid}/comm")).Trim());

            var processes = ProcessesFor(DataFolder);
            Assert.Contains(broker.Pid, processes);
            var address = broker.Address;
            Assert.Equal(address.Ports.All.Select(port => $"0100007F:{port:X4}").Order(), Listening(processes).Order());
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(AddressFile));
            Assert.Contains(address.Password, broker.Amqp.ToString(), StringComparison.Ordinal);

            var refused = await StartFails();
            Assert.Contains($"in use by process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        }

        // Its helpers end by themselves when it has gone.
        await UntilNoneRuns(DataFolder);
    }

    [Fact]
    public async Task A_stored_port_that_another_program_has_is_replaced_and_the_rest_is_kept()
    {
        Directory.CreateDirectory(DataFolder);
        var before = await BrokerAddress.Ensure(DataFolder, Progress);
        using var other = new TcpListener(IPAddress.Loopback, before.Ports.Management);
        other.Start();
        Assert.Contains($"Port {before.Ports.Management},", Assert.Throws<BrokerUnavailable>(before.StillFree).Message, StringComparison.Ordinal);

        var broker = await Start();

        Assert.DoesNotContain(broker.Address.Ports.Management, before.Ports.All);
        Assert.Equal(before with { Ports = before.Ports with { Management = broker.Address.Ports.Management } }, broker.Address);
        Assert.Contains(Reported, line => line.Contains("partly taken", StringComparison.Ordinal));
        Assert.Contains($"{broker.Address.Ports.Management}", await File.ReadAllTextAsync(AddressFile), StringComparison.Ordinal);
        await Ask(broker, "/api/whoami");
    }

    [Fact]
    public async Task A_bin_folder_without_RabbitMQ_is_refused_by_the_settings_name_and_frees_the_folder()
    {
        for (var round = 0; round < 2; round++)
        {
            var failure = await StartFails(binFolder: "/nowhere/sbin");
            Assert.Contains("RabbitMq:BinFolder is \"/nowhere/sbin\"", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_RabbitMQ_the_message_says_what_to_install()
    {
        var failure = Assert.Throws<BrokerUnavailable>(() => RabbitMqBinaries.Find(setting: null, [Root, "/nowhere/sbin"]));

        Assert.Contains("scripts/setup suite", failure.Message, StringComparison.Ordinal);
        Assert.Contains("apt install rabbitmq-server", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrapper_for_the_systems_server_is_passed_over_and_the_newest_version_is_taken()
    {
        var wrapper = Directory.CreateDirectory(OtherFolder("bin")).FullName;
        File.WriteAllText(Path.Combine(wrapper, "rabbitmq-server"), "#!/bin/sh\n");
        foreach (var version in (string[])["3.9.13", "3.10.8"])
        {
            var scripts = Directory.CreateDirectory(Path.Combine(Root, $"rabbitmq_server-{version}", "sbin")).FullName;
            foreach (var script in (string[])["rabbitmq-server", "rabbitmq-env"]) File.WriteAllText(Path.Combine(scripts, script), "#!/bin/sh\n");
            File.SetUnixFileMode(Path.Combine(scripts, "rabbitmq-server"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var found = RabbitMqBinaries.Find(setting: null, [wrapper, .. RabbitMqBinaries.Versions(Root)]);

        Assert.Equal(Path.Combine(Root, "rabbitmq_server-3.10.8", "sbin", "rabbitmq-server"), found.Server);
    }

    [Theory]
    [InlineData("half a file")]
    [InlineData("{}")]
    [InlineData("""{"user":"reactor","password":"has:a@colon","virtual_host":"reactor","ports":{"amqp":20001,"management":20002,"prometheus":20003,"distribution":20004}}""")]
    [InlineData("""{"user":"reactor","password":"secret","virtual_host":"reactor","ports":{"amqp":20001,"management":20001,"prometheus":20003,"distribution":20004}}""")]
    public async Task A_damaged_address_file_is_refused_without_its_text_and_stays(string text)
    {
        Directory.CreateDirectory(DataFolder);
        await File.WriteAllTextAsync(AddressFile, text);

        var failure = await StartFails();

        Assert.Contains($"{AddressFile} is damaged", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("colon", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(AddressFile));
    }

    [Fact]
    public async Task A_folder_that_would_hang_RabbitMQ_is_refused()
    {
        var failure = await Assert.ThrowsAsync<BrokerUnavailable>(() => Start(OtherFolder("it's mine")));

        Assert.Contains("it's mine, which has an apostrophe", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_start_is_refused_with_its_own_reason_and_leaves_no_process()
    {
        Directory.CreateDirectory(Files);
        await File.WriteAllTextAsync(Path.Combine(Files, "mnesia"), "a file where a folder has to be");

        var failure = await StartFails();

        Assert.Contains("RabbitMQ ended with exit code", failure.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(DataFolder, "logs", "rabbitmq.log"), failure.Message, StringComparison.Ordinal);
        Assert.Empty(ProcessesFor(DataFolder));
    }

    [Fact]
    public async Task A_start_that_is_given_up_leaves_no_process()
    {
        using var giveUp = new CancellationTokenSource();
        var starting = PrivateRabbitMq.Start(new(DataFolder), TimeProvider.System, Progress, giveUp.Token);
        using var limit = new CancellationTokenSource(Limit);
        while (ProcessesFor(DataFolder).Count == 0) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.WaitAsync(Limit));
        await UntilNoneRuns(DataFolder);
    }

    static async Task<JsonElement> Ask(PrivateRabbitMq broker, string path)
    {
        using var client = new HttpClient { BaseAddress = broker.Management };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(Uri.UnescapeDataString(broker.Amqp.UserInfo))));
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}
