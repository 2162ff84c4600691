using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Ingress.Secrets;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>The scheduler owns the triggers, and tells which of them are called from outside; their owners may have another address made.</summary>
sealed class HookEndpoints(HookStore store, HookSecrets secrets, SecretCipher cipher, HookCache cache, DefaultOrg defaultOrg, TimeProvider time)
{
    public const string RotatePath = "/jobs/v1/_admin/jobs/{name}/triggers/{id}/rotate";
    const string Internal = "/internal/ingress/orgs/{org}/hooks/{trigger}";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPut(Internal, Put).OnlyForServices();
        endpoints.MapDelete(Internal, Delete).OnlyForServices();
        endpoints.MapPost(RotatePath, Rotate).Produces<HookAddress>().ProducesProblem(404);
    }

    async Task<IResult> Put(HttpContext http, string org, string trigger)
    {
        var definition = JsonSerializer.Deserialize<HookDefinition>(await RequestBody.ReadBytes(http, Limits.BodyBytes), ApiJson.Options)!;
        if (await Fault(org, definition, http.RequestAborted) is { } fault)
            return ApiJson.Answer(400, new { Pointer = "/verify/secret", Detail = fault });
        var token = definition.Path is null ? HookToken.New(bytes => RandomNumberGenerator.Fill(bytes)) : null;
        var row = new HookRow(
            org, trigger, definition.Job, definition.Path, definition.Methods, definition.Verification, secrets.Seal(org, trigger, definition.Secrets), definition.ExpiresAt, time.GetUtcNow());
        var isNew = await store.Put(row, token is null ? null : HookToken.Hash(token), http.RequestAborted);
        cache.Forget();
        if (isNew is null)
            return await Taken(org, definition.Path!, http.RequestAborted);
        var address = definition.Path is { } path ? HookPath.Address(org, path, await defaultOrg.Get(http.RequestAborted)) : isNew.Value ? AddressOf(token!) : null;
        return ApiJson.Answer(200, new { Address = address });
    }

    /// <summary>Succeeds too when there is none: the caller repeats what it has no answer to.</summary>
    async Task<IResult> Delete(HttpContext http, string org, string trigger)
    {
        await store.Delete(org, trigger, http.RequestAborted);
        cache.Forget();
        return Results.NoContent();
    }

    async Task<IResult> Rotate(HttpContext http, string name, string id)
    {
        var token = HookToken.New(bytes => RandomNumberGenerator.Fill(bytes));
        if (!await store.Rotate(http.Caller().OrgId, HandlerName.InPath(name), id, HookToken.Hash(token), http.RequestAborted))
            throw new ProblemException(Problem.NotFound("trigger", id));
        cache.Forget();
        http.Response.Headers.CacheControl = "no-store";
        return ApiJson.Answer(200, new HookAddress(id, $"{http.Request.Scheme}://{http.Request.Host}{AddressOf(token)}"));
    }

    /// <summary>What would make every delivery wait for a secret is better said at once.</summary>
    async Task<string?> Fault(string org, HookDefinition definition, CancellationToken stop)
    {
        if (definition.Verification is not { } verification)
            return null;
        if (definition.Secrets is { Length: > 0 } && !cipher.CanSeal)
            return "cannot be stored: no key is configured (secrets.key)";
        return (await secrets.Find(org, verification.Type, definition.Secrets ?? [], stop)).Fault;
    }

    async Task<IResult> Taken(string org, string path, CancellationToken stop) => await store.OfPath(org, path, stop) is { } holder
        ? ApiJson.Answer(409, new { Trigger = holder.TriggerId, holder.Job, holder.CreatedAt })
        : throw new ProblemException(Problem.Unavailable("The path was given up just now."));

    static string AddressOf(string token) => "/jobs/v1/webhooks/" + token;
}

/// <param name="Url">Shown here only; the address before it is nobody's any more.</param>
public sealed record HookAddress(string Id, string Url);
