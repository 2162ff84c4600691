using Npgsql;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>One shop whose database is read all the time, for tests that have tables of their own in it.</summary>
public sealed class SharedShop : IAsyncLifetime
{
    readonly PostgresServer server = new();

    public Shop Shop { get; private set; } = null!;

    public Shop Another() => new(server);

    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        Shop = new(server);
        await Shop.Create(
            new("theirs", "", ["globex"], [], 1), new("narrow", "", ["acme"], ["sales"], 1), new("suite", Named(Shop.Events.Options.Database), ["acme"], [], 1),
            new("away", "Host=/nowhere;Username=postgres;Password=hush;Database=x", ["acme"], [], 1), new("missing", Named("no_such_database"), ["acme"], [], 1));
        await Shop.Execute("create table always_there (id int primary key)");
        await Shop.Watch("always_there");
        await Shop.Read();
    }

    public async Task DisposeAsync()
    {
        await Shop.DisposeAsync();
        await server.DisposeAsync();
    }

    string Named(string database) => new NpgsqlConnectionStringBuilder(Shop.Events.Options.AdminConnection) { Database = database }.ConnectionString;
}

[CollectionDefinition(Name)]
public sealed class WithSharedShop : ICollectionFixture<SharedShop>
{
    public const string Name = "A watched shop";
}
