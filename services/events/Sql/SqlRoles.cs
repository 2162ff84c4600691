using Npgsql;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Events.Sql;

/// <summary>What became of a grant.</summary>
public enum RoleGrant
{
    Granted,
    RoleNotFound,

    /// <summary>It acts for another org: only the database's owner may let it act for both.</summary>
    TakenByAnotherOrg,
}

/// <param name="Name">Of the database role.</param>
public sealed record SqlRole(string Name, DateTimeOffset GrantedAt);

/// <summary>Which database roles may call <c>reactor_jobs.trigger</c> and <c>reactor_jobs.emit</c> in the name of an org.</summary>
public sealed class SqlRoles(ServiceDatabase database)
{
    public Task<RoleGrant> Grant(string orgId, string role, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        if (await Scalar(connection, "select to_regrole(quote_ident($1)) is not null", stop, role) is not true)
            return RoleGrant.RoleNotFound;
        try
        {
            await Scalar(connection, "savepoint asked", stop);
            await Scalar(connection, $"select {SqlCalls.Schema}.grant_org(quote_ident($1)::regrole, $2, alone => true)", stop, role, orgId);
            return RoleGrant.Granted;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ObjectInUse)
        {
            await Scalar(connection, "rollback to asked", stop);
            return RoleGrant.TakenByAnotherOrg;
        }
    }, stop);

    /// <summary>False when it was not granted.</summary>
    public Task<bool> Revoke(string orgId, string role, CancellationToken stop) => database.InOrg(
        orgId, async connection => await Scalar(
            connection, $"delete from {SqlCalls.Schema}.org_grant where org_id = $1 and role = to_regrole(quote_ident($2)) returning true", stop, orgId, role) is true, stop);

    public Task<List<SqlRole>> List(string orgId, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        await using var command = Command(
            connection, $"select r.rolname, g.granted_at from {SqlCalls.Schema}.org_grant g join pg_catalog.pg_roles r on r.oid = g.role where g.org_id = $1 order by 1", orgId);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var roles = new List<SqlRole>();
        while (await reader.ReadAsync(stop))
            roles.Add(new(reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1)));
        return roles;
    }, stop);

    static async Task<object?> Scalar(NpgsqlConnection connection, string sql, CancellationToken stop, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(stop);
    }

    static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
