using ReactorJobs.Events.Watches;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>What the settings name, and for whom.</summary>
public sealed class A_database_is_its_orgs
{
    [Fact]
    public void A_database_is_never_shown_with_its_connection() =>
        Assert.Equal("shop", new WatchedDatabase("shop", "Host=db;Password=hush", ["acme"], [], 1).ToString());

    [Theory]
    [InlineData("acme", "default", true)]
    [InlineData("acme", "of_globex", false)]
    [InlineData("globex", "of_globex", true)]
    [InlineData("globex", "default", false)]
    public void And_nobody_else_s(string org, string name, bool isThere)
    {
        var databases = new WatchedDatabases([new("default", "", ["acme"], [], 1), new("of_globex", "", ["globex"], ["sales"], 1)]);
        Assert.Equal(isThere, databases.Find(org, name) is not null);
        Assert.Equal(isThere, databases.Names(org).Contains(name));
    }
}
