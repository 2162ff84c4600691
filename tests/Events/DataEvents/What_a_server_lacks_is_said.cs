using System.Net.Sockets;
using Npgsql;
using ReactorJobs.Events.Watches;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>Each refusal of a server says what to do about it, and whether trying again may help.</summary>
public sealed class What_a_server_lacks_is_said
{
    [Theory]
    [InlineData("replica")]
    [InlineData("minimal")]
    public void Its_wal_level(string level) => Assert.Equal(
        ("database", $"its server has wal_level = {level}, and changes are sent with wal_level = logical only: set that (ALTER SYSTEM SET wal_level = logical) and restart the server"),
        new TableFacts(level, "r", 'r', 'p', null, false, true, [new("id", true, false)], []).Flaw(new("public", "t"), ["insert"], null));

    [Theory]
    [InlineData(PostgresErrorCodes.InsufficientPrivilege, "permission denied", true, "permission denied; its role needs REPLICATION (ALTER ROLE … REPLICATION), CREATE on the database, and to own the tables")]
    [InlineData(PostgresErrorCodes.ConfigurationLimitExceeded, "all replication slots are in use", true, "all replication slots are in use; raise max_replication_slots and max_wal_senders, and restart the server")]
    [InlineData(PostgresErrorCodes.ObjectNotInPrerequisiteState, "logical decoding requires wal_level >= logical", true,
        "its server has a wal_level other than logical: ALTER SYSTEM SET wal_level = logical, and restart the server")]
    [InlineData(PostgresErrorCodes.InvalidPassword, "password authentication failed for user \"w\"", true, "28P01: password authentication failed for user \"w\"")]
    [InlineData(PostgresErrorCodes.QueryCanceled, "canceling statement due to statement timeout", false,
        "a transaction has been open there for long, and its end is waited for: try again when it has ended (pg_stat_activity shows it by xact_start)")]
    [InlineData(PostgresErrorCodes.CannotConnectNow, "the database system is starting up", false, "57P03: the database system is starting up")]
    public void What_it_refuses(string code, string message, bool isRefusal, string detail)
    {
        var exception = new PostgresException(message, "ERROR", "ERROR", code);
        Assert.Equal((isRefusal, detail), (WatchProblem.IsRefusal(exception), WatchProblem.Explain(exception)));
        Assert.Equal(isRefusal ? 409 : 503, WatchProblem.For("shop", exception).Problem.Status);
    }

    [Theory]
    [InlineData(PostgresErrorCodes.UndefinedObject, "replication slot \"x\" does not exist", true)]
    [InlineData(PostgresErrorCodes.UndefinedObject, "publication \"x\" does not exist", true)]
    [InlineData(PostgresErrorCodes.ObjectNotInPrerequisiteState, "cannot read from logical replication slot \"x\"", true)]
    [InlineData(PostgresErrorCodes.ObjectNotInPrerequisiteState, "can no longer access replication slot \"x\"", true)]
    [InlineData(PostgresErrorCodes.ObjectNotInPrerequisiteState, "logical decoding requires wal_level >= logical", false)]
    [InlineData(PostgresErrorCodes.ObjectInUse, "replication slot \"x\" is active for PID 7", false)]
    public void What_is_lost_is_told_from_what_is_away(string code, string message, bool isLost) =>
        Assert.Equal(isLost, WatchProblem.IsLoss(new(message, "ERROR", "ERROR", code)));

    [Fact]
    public void A_server_that_is_away_is_named_by_the_settings_name_alone() =>
        Assert.Equal(
            "The database \"shop\" cannot be watched now: it cannot be reached (ConnectionRefused).",
            WatchProblem.For("shop", new NpgsqlException("Failed to connect to 10.0.0.7:5432", new SocketException((int)SocketError.ConnectionRefused))).Message);
}
