using Npgsql;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Ingress.Secrets;

/// <summary>A secret as it is listed: nothing of its value.</summary>
public sealed record SecretRow(string Path, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>What a list of paths stands for.</summary>
/// <param name="Missing">The org has no secret of that path.</param>
/// <param name="Unreadable">There is one, but it does not open: its key is not configured any more, or the row was tampered with.</param>
public sealed record ResolvedSecrets(IReadOnlyDictionary<string, string> Values, IReadOnlyList<string> Missing, IReadOnlyList<string> Unreadable);

/// <summary>The secrets of orgs: written, listed by name, deleted, and opened for other services.</summary>
public sealed class SecretStore(ServiceDatabase database, SecretCipher cipher, TimeProvider time)
{
    public Task<(SecretRow Row, bool IsNew)> Put(string orgId, string path, string value, CancellationToken stop)
    {
        var secret = cipher.Seal(orgId, path, value);
        return database.InOrg(orgId, async connection =>
        {
            await using var command = new NpgsqlCommand(
                """
                insert into secret (org_id, path, key_id, nonce, ciphertext, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6)
                on conflict (org_id, path) do update
                  set key_id = excluded.key_id, nonce = excluded.nonce, ciphertext = excluded.ciphertext, updated_at = excluded.updated_at
                returning path, created_at, updated_at, xmax = 0
                """, connection)
            {
                Parameters =
                {
                    new() { Value = orgId }, new() { Value = path }, new() { Value = secret.KeyId }, new() { Value = secret.Nonce }, new() { Value = secret.Ciphertext },
                    new() { Value = time.GetUtcNow() },
                },
            };
            await using var reader = await command.ExecuteReaderAsync(stop);
            await reader.ReadAsync(stop);
            return (RowOf(reader), reader.GetBoolean(3));
        }, stop);
    }

    /// <summary>Names and times in the order of their names, after <paramref name="after"/>.</summary>
    public Task<List<SecretRow>> List(string orgId, string after, int most, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        await using var command = new NpgsqlCommand(
            "select path, created_at, updated_at from secret where org_id = $1 and path > $2 order by path limit $3", connection)
        {
            Parameters = { new() { Value = orgId }, new() { Value = after }, new() { Value = most } },
        };
        await using var reader = await command.ExecuteReaderAsync(stop);
        var rows = new List<SecretRow>();
        while (await reader.ReadAsync(stop))
            rows.Add(RowOf(reader));
        return rows;
    }, stop);

    /// <summary>False when the org has no such secret.</summary>
    public Task<bool> Delete(string orgId, string path, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        await using var command = new NpgsqlCommand("delete from secret where org_id = $1 and path = $2", connection)
        {
            Parameters = { new() { Value = orgId }, new() { Value = path } },
        };
        return await command.ExecuteNonQueryAsync(stop) == 1;
    }, stop);

    public async Task<ResolvedSecrets> Resolve(string orgId, string[] paths, CancellationToken stop)
    {
        var found = await database.InOrg(orgId, async connection =>
        {
            await using var command = new NpgsqlCommand("select path, key_id, nonce, ciphertext from secret where org_id = $1 and path = any($2)", connection)
            {
                Parameters = { new() { Value = orgId }, new() { Value = paths } },
            };
            await using var reader = await command.ExecuteReaderAsync(stop);
            var secrets = new Dictionary<string, SealedSecret>(StringComparer.Ordinal);
            while (await reader.ReadAsync(stop))
                secrets[reader.GetString(0)] = new(reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(3));
            return secrets;
        }, stop);

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, secret) in found)
            if (cipher.TryOpen(orgId, path, secret, out var value))
                values[path] = value;
        return new(values, [.. paths.Distinct().Where(x => !found.ContainsKey(x))], [.. found.Keys.Where(x => !values.ContainsKey(x)).Order(StringComparer.Ordinal)]);
    }

    static SecretRow RowOf(NpgsqlDataReader reader) => new(reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2));
}
