using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ReactorJobs.Hosting.Database;

/// <summary>
/// Brings a server to where the services can connect: the database, a schema and two roles per service, then the service's migrations.
/// Safe to run at every start and by several hosts at once: an advisory lock lets one through at a time.
/// </summary>
public static class DatabaseSetup
{
    const long Lock = 0x52_45_41_43_54_4f_52; // one lock for all of the suite's set-up

    public static async Task CreateDatabase(DatabaseOptions options, CancellationToken stop)
    {
        await using var connection = options.ConnectAdmin();
        await connection.OpenAsync(stop);
        await Execute(connection, $"select pg_advisory_lock({Lock})", stop);
        await Execute(connection, CreateRole(DatabaseOptions.Owner, login: false, null), stop);
        await using var exists = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection) { Parameters = { new() { Value = options.Database } } };
        if (await exists.ExecuteScalarAsync(stop) is null)
            await Execute(connection, $"create database \"{options.Database}\" owner {DatabaseOptions.Owner}", stop);
    }

    public static async Task Migrate<TDb>(DatabaseOptions options, string schema, Func<DbContextOptions<TDb>, TDb> create, CancellationToken stop)
        where TDb : DbContext
    {
        await using var connection = options.ConnectAdmin(options.Database, schema);
        await connection.OpenAsync(stop);
        await Execute(connection, $"select pg_advisory_lock({Lock})", stop);

        var service = DatabaseOptions.ServiceRole(schema);
        var sweep = DatabaseOptions.SweepRole(schema);
        await Execute(connection, CreateRole(service, login: true, options.Password), stop);
        await Execute(connection, CreateRole(sweep, login: true, options.Password), stop);
        await Execute(connection, CreateRole(DatabaseOptions.Reader, login: false, null), stop);
        await Execute(connection,
            $"""
            create schema if not exists {schema} authorization {DatabaseOptions.Owner};
            create schema if not exists {DatabaseOptions.Views} authorization {DatabaseOptions.Owner};
            create schema if not exists {DatabaseOptions.Calls} authorization {DatabaseOptions.Owner};
            grant usage on schema {DatabaseOptions.Views} to {DatabaseOptions.Reader};
            grant usage on schema {schema} to {service}, {sweep};
            alter default privileges for role {DatabaseOptions.Owner} in schema {schema} grant select, insert, update, delete on tables to {service};
            alter default privileges for role {DatabaseOptions.Owner} in schema {schema} grant select on tables to {sweep};
            alter default privileges for role {DatabaseOptions.Owner} in schema {schema} grant usage on sequences to {service};
            set role {DatabaseOptions.Owner};
            """, stop);

        var builder = new DbContextOptionsBuilder<TDb>();
        builder.UseServiceSchema(connection, schema);
        await using var db = create(builder.Options);
        await db.Database.MigrateAsync(stop);
    }

    static string CreateRole(string role, bool login, string? password) =>
        $"""
        do $$ begin
          if not exists (select from pg_roles where rolname = '{role}') then create role {role} nosuperuser nobypassrls {(login ? "login" : "nologin")}; end if;
          {(password is null ? "" : $"alter role {role} password '{password.Replace("'", "''", StringComparison.Ordinal)}';")}
        end $$
        """;

    static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }
}
