using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Ingress.Secrets;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>A hook as it is stored: its secrets are sealed.</summary>
public sealed record HookRow(
    string OrgId, string TriggerId, string Job, string? Path, string[] Methods, HookVerification? Verification, SealedSecret? Secrets, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt);

/// <summary>The hooks of orgs: written when the scheduler says so, found by what a request has.</summary>
public sealed class HookStore(ServiceDatabase database)
{
    const string Columns = "org_id, trigger_id, job, path, methods, verify, key_id, nonce, ciphertext, expires_at, created_at";

    /// <summary>Gives whether it is a new one; an older one keeps its address. Null when its path is that of another trigger.</summary>
    public async Task<bool?> Put(HookRow row, byte[]? tokenHash, CancellationToken stop)
    {
        try
        {
            return await database.InOrg(row.OrgId, async connection =>
            {
                await using var command = new NpgsqlCommand(
                    $"""
                    insert into hook ({Columns}, token_hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                    on conflict (org_id, trigger_id) do update
                      set job = excluded.job, methods = excluded.methods, verify = excluded.verify, key_id = excluded.key_id, nonce = excluded.nonce,
                          ciphertext = excluded.ciphertext, expires_at = excluded.expires_at
                    returning xmax = 0
                    """, connection)
                {
                    Parameters =
                    {
                        Text(row.OrgId), Text(row.TriggerId), Text(row.Job), Text(row.Path), new() { Value = row.Methods },
                        Text(row.Verification is null ? null : JsonSerializer.Serialize(row.Verification, ApiJson.Options)),
                        Text(row.Secrets?.KeyId), Bytes(row.Secrets?.Nonce), Bytes(row.Secrets?.Ciphertext),
                        new() { Value = (object?)row.ExpiresAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz }, new() { Value = row.CreatedAt }, Bytes(tokenHash),
                    },
                };
                return (bool)(await command.ExecuteScalarAsync(stop))!;
            }, stop);
        }
        catch (PostgresException taken) when (taken is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "hook_path" })
        {
            return null;
        }
    }

    public Task<int> Delete(string orgId, string triggerId, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        await using var command = new NpgsqlCommand("delete from hook where org_id = $1 and trigger_id = $2", connection) { Parameters = { Text(orgId), Text(triggerId) } };
        return await command.ExecuteNonQueryAsync(stop);
    }, stop);

    /// <summary>Gives an unguessable address another token; false when there is none of the job's.</summary>
    public Task<bool> Rotate(string orgId, string job, string triggerId, byte[] tokenHash, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        await using var command = new NpgsqlCommand(
            "update hook set token_hash = $4 where org_id = $1 and job = $2 and trigger_id = $3 and token_hash is not null", connection)
        { Parameters = { Text(orgId), Text(job), Text(triggerId), Bytes(tokenHash) } };
        return await command.ExecuteNonQueryAsync(stop) == 1;
    }, stop);

    public Task<HookRow?> OfTrigger(string orgId, string triggerId, CancellationToken stop) => database.InOrg(orgId, connection =>
        Read(connection, "org_id = $1 and trigger_id = $2", stop, Text(orgId), Text(triggerId)), stop);

    public Task<HookRow?> OfPath(string orgId, string path, CancellationToken stop) => database.InOrg(orgId, connection =>
        Read(connection, "org_id = $1 and path = $2", stop, Text(orgId), Text(path)), stop);

    /// <summary>Whose an address is has to be found before any org is known, so this reads as the role that sees all orgs and changes none.</summary>
    public Task<HookRow?> OfToken(byte[] hash, CancellationToken stop) => database.Look(connection => Read(connection, "token_hash = $1", stop, Bytes(hash)));

    static async Task<HookRow?> Read(NpgsqlConnection connection, string condition, CancellationToken stop, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand($"select {Columns} from hook where {condition}", connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(stop);
        if (!await reader.ReadAsync(stop))
            return null;
        return new(
            reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetFieldValue<string[]>(4),
            reader.IsDBNull(5) ? null : JsonSerializer.Deserialize<HookVerification>(reader.GetString(5), ApiJson.Options),
            reader.IsDBNull(6) ? null : new(reader.GetString(6), reader.GetFieldValue<byte[]>(7), reader.GetFieldValue<byte[]>(8)),
            reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9), reader.GetFieldValue<DateTimeOffset>(10));
    }

    static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    static NpgsqlParameter Bytes(byte[]? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea };
}
