using Microsoft.Extensions.Logging;
using Npgsql;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Ingress.Webhooks;

namespace ReactorJobs.Ingress.Secrets;

/// <summary>How a rotation ended.</summary>
/// <param name="Sealed">Secrets that are under the current key now.</param>
/// <param name="Unreadable">Secrets that stay as they are, because nothing here opens them.</param>
public sealed record RotationReport(int Sealed, int Unreadable);

/// <summary>Seals anew, under the current key, what is still under another one: at each start, beside the service's work.</summary>
public sealed partial class SecretRotation(ServiceDatabase database, SecretCipher cipher, TimeProvider time, ILogger<SecretRotation> logger)
{
    const int MostAtOnce = 200;
    static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>Where sealed values are: the table, the column that names one in its org, and what that name is sealed for.</summary>
    static readonly (string Table, string Column, Func<string, string> Place)[] Kept = [("secret", "path", path => path), ("hook", "trigger_id", HookSecrets.Place)];

    readonly CancellationTokenSource stopping = new();
    Task running = Task.CompletedTask;

    public void Start() => running = Task.Run(UntilDone);

    public async Task Stop()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task UntilDone()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var report = await Run(stopping.Token);
                if (report.Sealed > 0)
                    Rotated(report.Sealed);
                if (report.Unreadable > 0)
                    Unreadable(report.Unreadable);
                return;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                Failed(exception.Message);
                await Task.Delay(AgainAfter, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Goes through all orgs once. Doing it again, or several at a time, does no harm.</summary>
    public async Task<RotationReport> Run(CancellationToken stop)
    {
        var (done, unreadable) = (0, 0);
        if (!cipher.CanSeal)
            return new(0, 0);
        foreach (var (table, column, place) in Kept)
        {
            var after = new Name("", "", "");
            while (await ReadOld(table, column, after, stop) is { Count: > 0 } rows)
            {
                after = rows[^1].Name;
                foreach (var (name, secret) in rows)
                {
                    if (!cipher.TryOpen(name.OrgId, place(name.Key), secret, out var value))
                        unreadable++;
                    else if (await Replace(table, column, name, secret, cipher.Seal(name.OrgId, place(name.Key), value), stop))
                        done++;
                }
            }
        }

        return new(done, unreadable);
    }

    /// <summary>Read as the role that sees all orgs and changes none; each change is then made in the name of its org.</summary>
    async Task<List<(Name Name, SealedSecret Secret)>> ReadOld(string table, string column, Name after, CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand(
            $"""
            select key_id, org_id, {column}, nonce, ciphertext from {table}
            where key_id <> $1 and (key_id, org_id, {column}) > ($2, $3, $4) order by key_id, org_id, {column} limit $5
            """, connection)
        {
            Parameters =
            {
                new() { Value = cipher.CurrentKeyId! }, new() { Value = after.KeyId }, new() { Value = after.OrgId }, new() { Value = after.Key }, new() { Value = MostAtOnce },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(stop);
        var rows = new List<(Name, SealedSecret)>();
        while (await reader.ReadAsync(stop))
            rows.Add((new(reader.GetString(0), reader.GetString(1), reader.GetString(2)), new(reader.GetString(0), reader.GetFieldValue<byte[]>(3), reader.GetFieldValue<byte[]>(4))));
        return rows;
    }

    // Only what was read is replaced: a value that was written meanwhile stays.
    Task<bool> Replace(string table, string column, Name name, SealedSecret old, SealedSecret fresh, CancellationToken stop) => database.InOrg(name.OrgId, async connection =>
    {
        await using var command = new NpgsqlCommand(
            $"update {table} set key_id = $4, nonce = $5, ciphertext = $6 where org_id = $1 and {column} = $2 and nonce = $3", connection)
        {
            Parameters =
            {
                new() { Value = name.OrgId }, new() { Value = name.Key }, new() { Value = old.Nonce }, new() { Value = fresh.KeyId }, new() { Value = fresh.Nonce },
                new() { Value = fresh.Ciphertext },
            },
        };
        return await command.ExecuteNonQueryAsync(stop) == 1;
    }, stop);

    readonly record struct Name(string KeyId, string OrgId, string Key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} secrets were encrypted anew under the current key; the keys before it are needed no more for them")]
    partial void Rotated(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} secrets cannot be read: their key is neither secrets.key nor among secrets.previous_keys")]
    partial void Unreadable(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Encrypting secrets anew failed and is tried again: {Reason}")]
    partial void Failed(string reason);
}
