using System.Text.Json;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>Types come as PostgreSQL itself would have them in JSON: the database is the oracle.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Values_are_as_to_jsonb_prints_them(PostgresServer server) : IAsyncLifetime
{
    static readonly string[] Values =
    [
        "true", "null::boolean", "1::smallint", "-5::int", "9223372036854775807", "1.50::numeric", "'NaN'::numeric", "'Infinity'::numeric", "1e20::float8", "'-0'::float8", "'-Infinity'::float4", "1.1::float4",
        "12345678901234567890.123456789::numeric", "'text \"with\" \\ and é 🎉'::text", "''::varchar(3)", "'a  '::char(5)", "'x'::\"char\"", "'n'::name", "'00000000-0000-0000-0000-000000000001'::uuid",
        "'\\x00ff'::bytea", "'2026-03-01'::date", "'infinity'::date", "'0044-03-15 BC'::date", "'2026-03-01 12:00:00.123456'::timestamp", "'2026-03-01 12:00:00+02'::timestamptz",
        "'0044-03-15 12:00 BC'::timestamp", "'infinity'::timestamptz", "'12:00:00.5'::time", "'12:00:00+02'::timetz", "'1 year 2 mons 03:04:05'::interval", "'{\"a\": [1, null, \"x\"]}'::jsonb",
        "'{\"b\" : 1.0}'::json", "'null'::jsonb", "'[]'::json", "array[1, null, 3]", "array['a', 'NULL', null, 'x,y', 'q\"\\', '{}', '']::text[]", "array[[1, 2], [3, 4]]", "'{}'::int[]", "'[2:3]={7,8}'::int[]",
        "array[true, false]", "array['{\"k\": 1}'::jsonb, null]", "array['2026-03-01 12:00'::timestamp]", "array['(1,2),(0,0)'::box, '(3,3),(1,1)'::box]", "'happy'::mood", "array['happy', 'sad']::mood[]", "'a@b'::email",
        "7::positive", "array[7]::positive[]", "'(1,2)'::point", "'10.0.0.1/8'::inet", "'101'::bit(3)", "'[1,5)'::int4range", "12.5::money", "'public'::regnamespace", "5::oid", "'0/16B3748'::pg_lsn", "'a:1'::tsvector",
        "B'1'::varbit", "'<a/>'::xml",
    ];

    readonly Shop shop = new(server);

    public async Task InitializeAsync()
    {
        await shop.Create();
        await shop.Execute("create type mood as enum ('happy', 'sad'); create domain email as text; create domain whole as int; create domain positive as whole check (value > 0)");
        await shop.Execute($"create table value (id int primary key, {string.Join(", ", Values.Select((x, i) => $"c{i} {TypeOf(x)}"))})");
        // What the application's sessions print is not what this reads.
        await shop.Execute($"alter database {await shop.Ask<string>("select current_database()::text")} set datestyle = 'German'; alter role postgres in database {await shop.Ask<string>("select current_database()::text")} set timezone = 'Asia/Kolkata'");
        await shop.Watch("value", ["insert"]);
    }

    public async Task DisposeAsync() => await shop.DisposeAsync();

    [Fact]
    public async Task Whatever_the_type()
    {
        await shop.Execute($"insert into value values (1, {string.Join(", ", Values)})");
        await shop.Read();
        var row = Assert.Single(await shop.UntilStarted(1)).New;
        Assert.Equal(1 + Values.Length, row.EnumerateObject().Count());
        using var oracle = JsonDocument.Parse(await shop.Ask<string>("set datestyle = 'ISO'; set timezone = 'UTC'; set extra_float_digits = 1; select to_jsonb(v)::text from value v"));
        Assert.All(Values.Index(), x =>
        {
            var (got, wanted) = (row.GetProperty($"c{x.Index}"), oracle.RootElement.GetProperty($"c{x.Index}"));
            Assert.True(JsonElement.DeepEquals(got, wanted), $"{x.Item}: {got.GetRawText()} and not {wanted.GetRawText()}");
        });
    }

    [Fact]
    public async Task A_composite_value_is_its_text_and_deep_json_too()
    {
        await shop.Execute("create type pair as (a int, b text); create table odd (id int primary key, p pair, j json)");
        await shop.Watch("odd");
        await shop.Execute("insert into odd values (1, (1, 'x y'), (repeat('[', 62) || repeat(']', 62))::json)");
        await shop.Read();
        var row = Assert.Single(await shop.UntilStarted(1)).New;
        Assert.Equal(("(1,\"x y\")", JsonValueKind.String), (row.GetProperty("p").GetString(), row.GetProperty("j").ValueKind));
    }

    /// <summary>Of a literal: what it is cast to, or what PostgreSQL makes of it.</summary>
    static string TypeOf(string value) => value.LastIndexOf("::", StringComparison.Ordinal) is > 0 and var cast && !value.EndsWith(']') | value.EndsWith("[]", StringComparison.Ordinal)
        ? value[(cast + 2)..]
        : value switch
        {
            "true" => "boolean",
            ['9', ..] => "bigint",
            "array[[1, 2], [3, 4]]" or "array[1, null, 3]" => "int[]",
            "array[true, false]" => "boolean[]",
            _ when value.Contains("jsonb", StringComparison.Ordinal) => "jsonb[]",
            _ when value.Contains("box", StringComparison.Ordinal) => "box[]",
            _ => "timestamp[]",
        };
}
