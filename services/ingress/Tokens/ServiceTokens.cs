using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Ingress.Schema;

namespace ReactorJobs.Ingress.Tokens;

/// <summary>The service tokens of orgs: made, found by what a caller presents, listed, revoked.</summary>
public sealed class ServiceTokens(ServiceDatabase database, TokenCache cache, IdSource ids, TimeProvider time)
{
    const int MostListed = 500;

    public async Task<(TokenRow Row, string Token)> Create(string orgId, string name, CancellationToken stop)
    {
        var token = TokenText.New(bytes => RandomNumberGenerator.Fill(bytes));
        var row = await Insert(orgId, name, TokenText.Hash(token), stop);
        return (row ?? throw new InvalidOperationException("A new token is already there."), token);
    }

    /// <summary>Registers a token made elsewhere; false when it is revoked.</summary>
    /// <exception cref="InvalidOperationException">It is another org's.</exception>
    public async Task<bool> Register(string orgId, string name, string token, CancellationToken stop)
    {
        if (!TokenText.IsPlausible(token))
            throw new ArgumentException("A token has 1 to 256 visible ASCII characters and no spaces.", nameof(token));
        var hash = TokenText.Hash(token);
        if (await Insert(orgId, name, hash, stop) is not null)
        {
            cache.Forget(hash);
            return true;
        }

        return await Find(hash, stop) switch
        {
            { RevokedAt: not null } => false,
            { } found when found.Caller.OrgId == orgId => true,
            _ => throw new InvalidOperationException("The token is another org's."),
        };
    }

    /// <summary>Who holds the token of this hash; null when nobody does or it is revoked. Made from memory for some seconds at a time.</summary>
    public ValueTask<Caller?> CallerOf(byte[] hash, CancellationToken stop)
    {
        return cache.TryGet(hash, out var caller) ? new(caller) : Load();

        async ValueTask<Caller?> Load()
        {
            // The age counts from before the lookup: a revocation that commits during it must not be outlived.
            var lookup = cache.Begin();
            var found = await Find(hash, stop) is { RevokedAt: null } valid ? valid.Caller : null;
            cache.Add(hash, found, lookup);
            return found;
        }
    }

    public Task<List<TokenRow>> List(string orgId, CancellationToken stop) =>
        database.Read<IngressDb, List<TokenRow>>(
            orgId, options => new(options), db => db.Tokens.Where(x => x.OrgId == orgId).OrderByDescending(x => x.Id).Take(MostListed).ToListAsync(stop), stop);

    /// <summary>False when the org has no such token. Other processes notice within the age of their caches.</summary>
    public async Task<bool> Revoke(string orgId, Guid id, CancellationToken stop)
    {
        var hash = await database.InOrg(orgId, async connection =>
        {
            await using var command = new NpgsqlCommand(
                "update service_token set revoked_at = coalesce(revoked_at, $3) where org_id = $1 and id = $2 returning hash", connection)
            {
                Parameters = { new() { Value = orgId }, new() { Value = id }, new() { Value = time.GetUtcNow() } },
            };
            return (byte[]?)await command.ExecuteScalarAsync(stop);
        }, stop);
        if (hash is not null)
            cache.Forget(hash);
        return hash is not null;
    }

    Task<TokenRow?> Insert(string orgId, string name, byte[] hash, CancellationToken stop) =>
        database.InOrg(orgId, async connection =>
        {
            var row = new TokenRow(orgId, ids.Next(), name, time.GetUtcNow(), null);
            await using var command = new NpgsqlCommand(
                "insert into service_token (hash, id, org_id, name, created_at) values ($1, $2, $3, $4, $5) on conflict (hash) do nothing", connection)
            {
                Parameters =
                {
                    new() { Value = hash }, new() { Value = row.Id }, new() { Value = orgId }, new() { Value = name }, new() { Value = row.CreatedAt },
                },
            };
            return await command.ExecuteNonQueryAsync(stop) == 1 ? row : null;
        }, stop);

    /// <summary>Whose a token is has to be found before any org is known, so this reads as the role that sees all orgs and changes none.</summary>
    Task<Found?> Find(byte[] hash, CancellationToken stop) => database.Look(async connection =>
    {
        await using var command = new NpgsqlCommand("select org_id, name, revoked_at from service_token where hash = $1", connection)
        {
            Parameters = { new() { Value = hash } },
        };
        await using var reader = await command.ExecuteReaderAsync(stop);
        if (!await reader.ReadAsync(stop))
            return null;
        var revokedAt = await reader.IsDBNullAsync(2, stop) ? (DateTimeOffset?)null : reader.GetFieldValue<DateTimeOffset>(2);
        return new Found(new(reader.GetString(0), reader.GetString(1)), revokedAt);
    });

    sealed record Found(Caller Caller, DateTimeOffset? RevokedAt);
}
