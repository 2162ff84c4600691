using ReactorJobs.Embedded;
using ReactorJobs.Embedded.RabbitMq;

namespace ReactorJobs.Tests.Embedded;

/// <summary>Which ports a private RabbitMQ takes.</summary>
public sealed class BrokerPortsTests
{
    static readonly BrokerPorts None = new(0, 0, 0, 0);

    [Fact]
    public void New_ports_are_the_first_free_ones_and_the_search_goes_round() =>
        Assert.Equal(new(31_999, 20_000, 20_002, 20_003), None.Usable(31_998, port => port is not (31_998 or 20_001)));

    [Fact]
    public void Ports_that_are_free_are_kept_wherever_they_are() =>
        Assert.Equal(new(5672, 15672, 15692, 25672), new BrokerPorts(5672, 15672, 15692, 25672).Usable(20_000, _ => true));

    [Fact]
    public void Only_a_taken_port_is_replaced_and_by_none_that_is_kept() =>
        Assert.Equal(new(20_001, 20_000, 15692, 25672), new BrokerPorts(5672, 20_000, 15692, 25672).Usable(20_000, port => port != 5672));

    [Fact]
    public void Without_free_ports_there_are_none() => Assert.Null(None.Usable(20_000, port => port < 20_003));

    [Fact]
    public void The_search_begins_elsewhere_for_another_folder_and_below_the_ports_of_outgoing_connections()
    {
        var first = Enumerable.Range(0, 100).Select(number => LoopbackPorts.First($"/data/{number}")).ToList();

        Assert.All(first, port => Assert.InRange(port, 20_000, 31_999));
        Assert.True(first.Distinct().Count() > 90);
        Assert.Equal(first[7], LoopbackPorts.First("/data/7"));
    }

    [Fact]
    public void The_reason_of_a_failure_is_the_line_that_says_why()
    {
        Assert.Equal(
            "ERROR: could not bind to distribution port 25672, it is in use by another node: rabbit@localhost",
            BrokerFailure.Reason("\nBOOT FAILED\n===========\nERROR: could not bind to distribution port 25672, it is in use by another node: rabbit@localhost\n\n"));
        Assert.Equal(
            "Error during startup: {error,failed_to_prepare_configuration}",
            BrokerFailure.Reason(
                "2026-01-02 03:04:05.678901+00:00 [error] <0.130.0> BOOT FAILED\n2026-01-02 03:04:05.678901+00:00 [error] <0.130.0> ===========\n"
                + "2026-01-02 03:04:05.678901+00:00 [error] <0.130.0> Error during startup: {error,failed_to_prepare_configuration}\n"));
        Assert.Equal("it printed nothing", BrokerFailure.Reason("\n"));
    }
}
