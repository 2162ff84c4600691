using Npgsql;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>What is worth trying again, and what is not.</summary>
public sealed class A_database_that_is_away_is_told_from_a_mistake
{
    public static TheoryData<Exception, bool> Failures => new()
    {
        { new StoreUnavailable("away"), true },
        { new IOException("reset"), true },
        { new TimeoutException(), true },
        { new NpgsqlException("no suitable host was found"), true },
        { new NpgsqlException("reading", new IOException("reset")), true },
        { new InvalidOperationException("a wrapper", new TimeoutException()), true },
        { new AggregateException(new InvalidOperationException(), new IOException("reset")), true },
        { Refusal("57P01"), true },
        { Refusal("25006"), true },
        { Refusal("23505"), false },
        { Refusal("42P01"), false },
        { new FileNotFoundException("Could not load file or assembly"), false },
        { new InvalidOperationException("a mistake"), false },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public void By_what_it_says(Exception failure, bool isAway) => Assert.Equal(isAway, StoreUnavailable.IsCauseOf(failure));

    static PostgresException Refusal(string code) => new("refused", "ERROR", "ERROR", code);
}
