using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace ReactorJobs.Hosting.Database;

/// <summary>
/// A migration whose text is the SQL file of its own name beside it: the schema stays visible, with its partial indexes, checks and
/// policies, and EF Core applies it once and in order.
/// </summary>
public abstract class SqlMigration : Migration
{
    /// <summary>What comes before the file; empty is nothing.</summary>
    protected virtual string Before => "";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        var name = GetType().GetCustomAttribute<MigrationAttribute>()!.Id + ".sql";
        var assembly = GetType().Assembly;
        var resource = assembly.GetManifestResourceNames().Single(x => x.EndsWith(name, StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        migrationBuilder.Sql(Before + reader.ReadToEnd());
    }
}

public static class ServiceSchema
{
    public static DbContextOptionsBuilder UseServiceSchema(this DbContextOptionsBuilder builder, NpgsqlConnection connection, string schema) => builder
        .UseNpgsql(connection, npgsql => npgsql.MigrationsHistoryTable("migration", schema))
        // The SQL files are the schema; the model only maps it.
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning))
        .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);
}
